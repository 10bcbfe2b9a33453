import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../tools/paths";

/** What versions of this package wrote, one directory each; `record.ts` tells what is in there. */
export const VERSIONS = join(packageRoot(), "test", "data", "written");

/** Name of the recorded stacks; it is part of every URN. */
export const STACK = "recorded";

/** What the paths of the recordings begin with, in place of the directory they were made in. */
export const HOME = "/srv/leofs";

/** Stands for the private key in the recordings. */
export const KEY_TEXT = "a throw-away key\n";

export const versions = (): string[] => readdirSync(VERSIONS).sort();

/** A recorded JSON file, with another directory in place of `HOME` where that is needed. */
export function recorded<T>(path: string, home = HOME): T {
  const value: unknown = JSON.parse(readFileSync(join(VERSIONS, path), "utf8"));
  return mapStrings(value, (text) => text.replaceAll(HOME, home)) as T;
}

/** A JSON value with each of its texts changed; within secrets too, which a state holds as JSON in a text. */
export function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => mapStrings(one, change));
  if (typeof value !== "object" || value === null) return value;
  const mapped = Object.entries(value).map(([key, one]) => [change(key), mapped_(key, one)] as const);
  return Object.fromEntries(mapped);

  function mapped_(key: string, one: unknown): unknown {
    if (key !== "plaintext" || typeof one !== "string") return mapStrings(one, change);
    return JSON.stringify(mapStrings(JSON.parse(one), change));
  }
}
