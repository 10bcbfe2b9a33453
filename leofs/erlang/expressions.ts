import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Term } from "./term";
import { atomText, formatTerm } from "./termPrinter";

/** Erlang expressions of a file of this package; those of several stand one after the other. */
export interface Expressions {
  /** The file's name in words, such as `remove rows`. */
  readonly name: string;
  readonly text: string;
}

const ROOT = join(__dirname, "..", "..");
const loaded = new Map<string, Expressions>();

/**
 * The expressions in files, read once. What varies is not put into the text: it comes as bound variables.
 *
 * @param paths from the root of the package, such as `leofs/manager/questions/evidence.erl`
 */
export function expressions(...paths: readonly string[]): Expressions {
  const key = paths.join();
  let found = loaded.get(key);
  if (!found) {
    const texts = paths.map((path) => bare(readFileSync(join(ROOT, path), "utf8")));
    found = { name: basename(paths.at(-1)!, ".erl").replaceAll("-", " "), text: texts.join(",\n") };
    loaded.set(key, found);
  }
  return found;
}

/** Without the comments that have lines of their own. */
const bare = (source: string): string =>
  source
    .split("\n")
    .filter((line) => !/^\s*%/.test(line))
    .join("\n")
    .trim();

/** Values of variables as one term in source form. */
export const bindingsText = (values: Readonly<Record<string, Term>>): string =>
  `[${Object.entries(values)
    .map(([name, value]) => `{${atomText(name)},${formatTerm(value)}}`)
    .join(",")}].`;
