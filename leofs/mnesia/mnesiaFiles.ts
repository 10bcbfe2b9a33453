import { atomName, isTuple } from "../erlang/term";
import { logHeader, walkLog } from "./diskLog";
import { readSchema } from "./schemaFile";
import { TABLES } from "./tables";

/** What a look at one file of a Mnesia directory showed. */
export interface FileVerdict {
  /** `unknown`: no file of Mnesia's. */
  verdict: "intact" | "damaged" | "unknown";
  /** What is wrong, as the end of a sentence about the file. */
  why?: string;
}

/** Kind of log that a file must hold, by its name. */
function logKind(name: string): string | undefined {
  if (name.endsWith(".DCD")) return "dcd_log";
  if (name.endsWith(".DCL")) return "dcl_log";
  return { "LATEST.LOG": "trans_log", "PREVIOUS.LOG": "trans_log", "DECISION_TAB.LOG": "decision_tab" }[name];
}

/**
 * Examines one file: `schema.DAT`, `<table>.DCD`, `<table>.DCL` and Mnesia's logs, structure and every term in
 * them. Logs that were left open with an incomplete last item are intact: Mnesia cuts that item off when it
 * starts (a `.DCD` is never written in place, so there it is damage).
 * Give the file's size when `bytes` is only its beginning; then only that is judged.
 */
export function examineFile(name: string, bytes: Buffer, size = bytes.length): FileVerdict {
  const kind = logKind(name);
  if (name === "schema.DAT") {
    return verdict(bytes.length < size ? undefined : readSchema(bytes).damage);
  }
  if (kind === undefined) return { verdict: "unknown" };
  const walk = walkLog(bytes);
  const mendable = walk.cutAtEnd && (bytes.length < size || (!walk.closed && kind !== "dcd_log"));
  const header = logHeader(walk.items);
  const found = header ? atomName(header.kind) : undefined;
  if (walk.damage && !mendable) return verdict(walk.damage);
  if (walk.items.length > 0 && found !== kind) return verdict("it holds something else than its name says");
  if (walk.items.length === 0 && kind !== "dcd_log" && walk.closed && bytes.length === size)
    return verdict("it has lost all that Mnesia wrote into it");
  return verdict(foreignTable(name, walk.items));
}

const verdict = (why: string | undefined): FileVerdict =>
  why === undefined ? { verdict: "intact" } : { verdict: "damaged", why };

/** The changes in a `.DCL` name their table: another one means that files were mixed up. */
function foreignTable(name: string, items: ReturnType<typeof walkLog>["items"]): string | undefined {
  if (!name.endsWith(".DCL")) return undefined;
  const table = name.slice(0, -".DCL".length);
  for (const item of items.slice(1)) {
    const object = isTuple(item, 3) ? item.items[0] : undefined;
    const named = isTuple(object, 2) ? atomName(object.items[0]) : undefined;
    if (named !== undefined && named !== table) return `it holds changes of ${named}`;
  }
  return undefined;
}

/** A Mnesia directory as its list of files shows it. */
export interface DirectoryVerdict {
  /** `empty`: no Mnesia file at all, as before the pair was formed. */
  state: "empty" | "complete" | "incomplete";
  /** Files that a manager of a pair must have and that are not there. */
  missing: string[];
  /** What else is wrong, each without a full stop: they are listed. */
  problems: string[];
}

/**
 * Judges a directory by names and sizes: a manager of a pair has `schema.DAT`, `LATEST.LOG` and a `.DCD` for each
 * of its tables. (`.DCL` files come and go. A `.DCD` of 8 bytes is normal: its rows are in `.DCL` or `LATEST.LOG`.)
 */
export function examineDirectory(files: readonly { name: string; size: number }[]): DirectoryVerdict {
  const sizes = new Map(files.map(({ name, size }) => [name, size]));
  const needed = ["schema.DAT", "LATEST.LOG", ...TABLES.map((table) => `${table}.DCD`)];
  const missing = needed.filter((name) => !sizes.has(name));
  const problems = files
    .filter(({ name, size }) => size < 8 && (logKind(name) !== undefined || name === "schema.DAT"))
    .map(({ name, size }) => `${name} has ${size} bytes, too few for a Mnesia file`);
  if (sizes.has("FALLBACK.BUP"))
    problems.push("FALLBACK.BUP is there: Mnesia would restore that backup at the next start");
  const mnesia = files.some(({ name }) => logKind(name) !== undefined || name === "schema.DAT");
  const whole = missing.length === 0 && problems.length === 0;
  return { state: whole ? "complete" : mnesia ? "incomplete" : "empty", missing, problems };
}
