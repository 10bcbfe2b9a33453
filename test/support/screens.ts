import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { LATE_LOADED } from "../../cli/report/report";

const PAGE = join(__dirname, "../../docs/screens.md");

/** What differs between two runs of the same: where the cluster lies, and what a text is shortened by. */
export interface Circumstances {
  /** Directory of the sandbox, shown as /srv/leofs. */
  directory: string;
  /** Further texts by what they are shown as. */
  shown?: Record<string, string>;
  /** The lines come in any order, since steps of a recovery run beside each other. Default false. */
  anyOrder?: boolean;
}

/**
 * Holds docs/screens.md to what a person really sees: the block behind `<!-- screen: NAME -->` must be this text, up to
 * figures, times and line breaks. With UPDATE_SCREENS=1 in the environment the block is written instead.
 */
export function expectScreen(
  name: string,
  text: string,
  { directory, shown = {}, anyOrder = false }: Circumstances,
): void {
  const here = Object.entries({ [directory]: "/srv/leofs", ...shown }).reduce(
    (all, [long, short]) => all.replaceAll(long, short),
    text.replaceAll(/127\.77\.\d+\./g, "10.0.0.").trimEnd(),
  );
  const page = readFileSync(PAGE, "utf8");
  const block = new RegExp(`(<!-- screen: ${name} -->\n+\`\`\`\n)([\\s\\S]*?)(\n\`\`\`\n)`);
  const [, , documented] = block.exec(page) ?? [];
  if (documented === undefined) throw new Error(`docs/screens.md has no block for the screen ${name}`);
  if (process.env.UPDATE_SCREENS)
    writeFileSync(
      PAGE,
      page.replace(block, (_, head, _old, foot) => `${head}${here}${foot}`),
    );
  else
    expect(comparable(here, anyOrder), `the screen ${name} of docs/screens.md`).toBe(
      comparable(documented, anyOrder),
    );
}

const comparable = (text: string, anyOrder: boolean): string =>
  anyOrder ? text.split("\n").map(masked).filter(Boolean).sort().join("\n") : masked(text);

/** Node names, addresses of the cluster and step numbers are the same in every run; every other figure is not. */
const FIGURES = /([a-z]+\\?_\d+\b|\b(?:10\.0\.0|127\.0\.0)\.\d+|^ *\d+\. )|\b[0-9a-f]{8,}\b|\d+(?:\.\d+)?/gm;

/** Without what no two runs have in common; where a line breaks depends on that too. */
const masked = (text: string): string =>
  text
    .replaceAll(/and\s+lists\s[^)]*/g, "and lists some")
    // Which files, and how, depends on what was written to them last.
    .replaceAll(/are\s+damaged:\s[\s\S]*?and\s+\d+\s+more/g, "are damaged: some")
    .replaceAll(/\((?:[\d.]+[mhs]+)+\)/g, "(# s)")
    .replaceAll(FIGURES, (_, kept?: string) => kept ?? "#")
    // Whether a step comes before or after the stop beside it.
    .replaceAll(/^(- #:#:#) !/gm, "$1")
    // Whether LeoFS was ready with its last tables when the rest was loaded.
    .replaceAll(new RegExp(`^- #:#:# ${LATE_LOADED}$`, "gm"), "")
    .replaceAll(/\s+/g, " ")
    .trim();
