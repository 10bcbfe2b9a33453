import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

const PAGE = join(__dirname, "../../docs/screens.md");

/** What differs between two runs of the same: where the cluster lies, and what a text is shortened by. */
export interface Circumstances {
  /** Directory of the sandbox, shown as /srv/leofs. */
  directory: string;
  /** Further texts by what they are shown as. */
  shown?: Record<string, string>;
  /** What of each line every run has; a line without it is not compared. Default: all of every line. */
  compared?: RegExp;
}

/**
 * Holds docs/screens.md to what a person really sees: the block behind `<!-- screen: NAME -->` must be this text, up to
 * numbers, times and line breaks. With UPDATE_SCREENS=1 in the environment the block is written instead.
 */
export function expectScreen(
  name: string,
  text: string,
  { directory, shown = {}, compared }: Circumstances,
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
    expect(comparable(here, compared), `the screen ${name} of docs/screens.md`).toBe(
      comparable(documented, compared),
    );
}

/** Chosen parts come in any order, and count once: steps of a recovery run beside each other. */
const comparable = (text: string, compared: Circumstances["compared"]): string => {
  if (!compared) return masked(text);
  const parts = text.split("\n").flatMap((line) => compared.exec(line)?.[0] ?? []);
  return [...new Set(parts.map(masked))].sort().join("\n");
};

/** Without what no two runs have in common. */
const masked = (text: string): string =>
  text
    .replaceAll(/and lists [^)]*/g, "and lists some")
    .replaceAll(/\b[0-9a-f]{8,}\b/g, "#")
    .replaceAll(/\d+(\.\d+)?/g, "#")
    .replaceAll(/\s+/g, " ");
