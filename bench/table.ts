import { type Case, type Figures, figuresOf, type Result, spread } from "./results";

const CASES: readonly Case[] = ["takeover", "in-place"];

/** Median, and the range behind it where there is more than one run. */
function cell(values: readonly number[], digits = 1): string {
  const { median, least, most, runs } = spread(values);
  if (runs === 0) return "-";
  const range = runs > 1 ? ` (${least.toFixed(digits)} to ${most.toFixed(digits)})` : "";
  return `${median.toFixed(digits)}${range}`;
}

const counts = (pairs: readonly (readonly [number, number])[]): string =>
  [...new Set(pairs.map((pair) => pair.join(" / ")))].join(", ");

/** All figures as Markdown: a table a case, a row a way. */
export function table(results: readonly Result[], titles: ReadonlyMap<string, string>): string {
  return CASES.filter((what) => results.some((one) => one.case === what))
    .map((what) => tableOf(what, results, titles))
    .join("\n\n");
}

function tableOf(what: Case, results: readonly Result[], titles: ReadonlyMap<string, string>): string {
  const floor = spread(figuresOf(results, what, "floor").map(({ outage }) => outage)).median;
  const rows = [...titles].flatMap(([way, title]) => {
    const figures = figuresOf(results, what, way);
    const failed = results.filter((one) => one.case === what && one.way === way && one.problem).length;
    if (figures.length === 0 && failed === 0) return [];
    const of = (pick: (one: Figures) => number) => cell(figures.map(pick));
    const ratio = spread(figures.map(({ outage }) => outage)).median / floor;
    return [
      [
        `${title}${failed > 0 ? ` (${failed} failed)` : ""}`,
        of(({ outage }) => outage),
        floor > 0 ? ratio.toFixed(2) : "-",
        of(({ wall }) => wall),
        of(({ beforeStop }) => beforeStop),
        counts(figures.map(({ handshakes }) => handshakes)),
        counts(figures.map(({ sessions }) => sessions)),
        figures.some(({ memory }) => memory > 0)
          ? cell(
              figures.map(({ memory }) => memory),
              0,
            )
          : "-",
        cell(figures.flatMap(({ preview }) => preview ?? [])),
        cell(figures.flatMap(({ again }) => again ?? [])),
      ],
    ];
  });
  const head = [
    what === "takeover" ? "takeover" : "in place",
    ...["outage, s", "x floor", "wall, s", "before the first stop, s"],
    ...["logins, good / other", "sessions", "memory, MiB", "preview, s", "again, s"],
  ];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
