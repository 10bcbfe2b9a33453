import { type Case, figuresOf, type Result, type Span, spread } from "./results";

const WIDTH = 900;
const LABELS = 250;
const BAR = 20;
const CASES: readonly Case[] = ["takeover", "in-place"];
const STYLE =
  "<style>text{font:12px sans-serif;fill:#222}.head{font-weight:bold}.before{fill:#c8d3e0}.outage{fill:#d1495b}.after{fill:#66a182}.call{fill:#4a7bb5}.grid{stroke:#ddd}</style>";

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const drawing = (height: number, body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"><rect width="100%" height="100%" fill="#fff"/>${STYLE}\n${body}\n</svg>\n`;

const text = (x: number, y: number, words: string, kind = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y}"${kind && ` class="${kind}"`}>${escaped(words)}</text>`;

const bar = (x: number, y: number, width: number, kind: string, words: string): string =>
  `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(width, 0.5).toFixed(1)}" height="${BAR - 6}" class="${kind}"><title>${escaped(words)}</title></rect>`;

function grid(seconds: number, height: number, scale: number): string {
  const every = seconds > 60 ? 10 : seconds > 12 ? 2 : 1;
  return Array.from({ length: Math.floor(seconds / every) + 1 }, (_, index) => index * every)
    .map((second) => {
      const x = (LABELS + second * scale).toFixed(1);
      return `<line x1="${x}" x2="${x}" y1="18" y2="${height}" class="grid"/>${text(Number(x), 14, `${second} s`)}`;
    })
    .join("");
}

/** The ways side by side: until the first stop, the outage, what comes after. Medians. */
export function comparison(results: readonly Result[], titles: ReadonlyMap<string, string>): string {
  const rows = CASES.flatMap((what) =>
    [...titles].flatMap(([way, title]) => {
      const figures = figuresOf(results, what, way);
      const of = (pick: (one: (typeof figures)[number]) => number) => spread(figures.map(pick)).median;
      if (figures.length === 0) return [];
      return [
        {
          label: `${what === "takeover" ? "takeover" : "in place"}: ${title}`,
          before: of(({ beforeStop }) => beforeStop),
          outage: of(({ outage }) => outage),
          wall: of(({ wall }) => wall),
        },
      ];
    }),
  );
  const most = Math.max(1, ...rows.map(({ wall, before, outage }) => Math.max(wall, before + outage)));
  const scale = (WIDTH - LABELS - 20) / most;
  const height = 40 + rows.length * BAR + 24;
  const bars = rows.map(({ label, before, outage, wall }, index) => {
    const y = 26 + index * BAR;
    const end = before + outage;
    return [
      text(4, y + 11, label),
      bar(LABELS, y, before * scale, "before", `${before.toFixed(1)} s before the first stop`),
      outage > 0
        ? bar(LABELS + before * scale, y, outage * scale, "outage", `outage ${outage.toFixed(1)} s`)
        : "",
      bar(LABELS + end * scale, y, Math.max(0, wall - end) * scale, "after", `${wall.toFixed(1)} s in all`),
    ].join("");
  });
  const legend = ["before", "outage", "after"].map(
    (kind, index) =>
      `${bar(LABELS + index * 120, height - 20, 14, kind, kind)}${text(LABELS + 20 + index * 120, height - 9, kind)}`,
  );
  return drawing(height, [grid(most, height - 26, scale), ...bars, ...legend].join("\n"));
}

/** One recovery from its start to its end: each piece of work a bar in the row of who does it. */
export function timeline(title: string, spans: readonly Span[]): string {
  const most = Math.max(1, ...spans.map(({ to }) => to));
  const scale = (WIDTH - LABELS - 20) / most;
  const sorted = [...spans].sort((a, b) => a.from - b.from || b.to - a.to);
  const rows = [...new Set(sorted.map(({ row }) => row))];
  let y = 26;
  const parts: string[] = [text(4, 14, title, "head")];
  for (const row of rows) {
    parts.push(text(4, y + 11, row, "head"));
    y += BAR;
    for (const { what, from, to } of sorted.filter((one) => one.row === row)) {
      const words = `${what}: ${from.toFixed(2)} to ${to.toFixed(2)} s, ${(to - from).toFixed(2)} s`;
      parts.push(
        text(12, y + 11, what.slice(0, 38)),
        bar(LABELS + from * scale, y, (to - from) * scale, "call", words),
      );
      y += BAR;
    }
  }
  return drawing(y + 10, [grid(most, y, scale), ...parts].join("\n"));
}
