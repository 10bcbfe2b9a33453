import { parse } from "ini";

/** One file that LeoFS reads its configuration from. */
export interface ConfFile {
  path: string;
  text: string;
}

/** One line of a file, without its newline. */
export type ConfLine =
  | { kind: "none" }
  | { kind: "broken"; reason: string }
  | { kind: "setting"; key: string; value: string; start: number; end: number };

/** A key as LeoFS's generator reads one; at any other it stops, and reads no conf at all. */
const KEY = /^(\\\.|[\w-])+(\.(\\\.|[\w-])+)*$/;

/**
 * What one line says by LeoFS's rules: `key = value`, blanks round both dropped, comments only on lines of
 * their own. `ini` reads it, except where it would read something else: it ends a value at `;` or `#`, drops
 * quotes, takes `[a]` for a section and a backslash for an escape, and trims more than blanks. `start` and `end` are the value's
 * place in the line.
 */
export function readLine(line: string): ConfLine {
  if (/^[ \t]*(#|$)/.test(line)) return { kind: "none" };
  const found = /^([ \t]*([^= \t][^=]*?)[ \t]*=[ \t]*)(.*?)[ \t]*$/s.exec(line);
  if (!found) return { kind: "broken", reason: "has no `=`, or no key before it" };
  const [, before = "", key = "", value = ""] = found;
  if (!KEY.test(key))
    return {
      kind: "broken",
      reason: `begins with ${JSON.stringify(key)}, which is no key (letters, digits, - and _, with dots between them)`,
    };
  const differs = /[;#"'[\]\\]|__proto__|[^ -~]/.test(line);
  const read = differs ? value : String(parse(line)[key] ?? value);
  return { kind: "setting", key, value: read, start: before.length, end: before.length + value.length };
}

/** The lines of a text with their newlines (`\n` or `\r\n`; the last may have none). */
export const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const withoutNewline = (line: string): string => line.replace(/\r?\n$/, "");

/** One line of a configuration file, before and after a change. */
export interface ConfChange {
  /** The whole new file. */
  text: string;
  /** The line as it was; undefined when the key was nowhere and a line was added. */
  before: string | undefined;
  /** The line as it is now. */
  after: string;
  /** Its number, counted from 1. */
  line: number;
}

/**
 * Changes one value and no other byte of the file. Where the key occurs more than once the last one is
 * changed, since that is the one LeoFS uses; where it is absent a line is added at the end. What looks like a
 * comment behind the value is part of the value to LeoFS, and is replaced with it.
 * Throws a RangeError for a value that could not be read back as it is.
 */
export function setValue(text: string, key: string, value: string): ConfChange {
  if (value === "" || value.trim() !== value || /[\r\n\0]/.test(value))
    throw new RangeError(
      `${key} cannot be set to a value that is empty, has blanks around it or line breaks`,
    );
  const lines = splitLines(text);
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const before = withoutNewline(lines[index] ?? "");
    const read = readLine(before);
    if (read.kind !== "setting" || read.key !== key) continue;
    const after = before.slice(0, read.start) + value + before.slice(read.end);
    lines[index] = after + (lines[index] ?? "").slice(before.length);
    return { text: lines.join(""), before, after, line: index + 1 };
  }
  const after = `${key} = ${value}`;
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const complete = text === "" || text.endsWith("\n");
  const added = complete ? text + after + newline : text + newline + after;
  return { text: added, before: undefined, after, line: lines.length + 1 };
}

/** The change as a unified diff; empty when nothing changes. One line at most differs, which needs no library. */
export function unifiedDiff(change: Pick<ConfChange, "before" | "after" | "line">, path: string): string {
  const { before, after, line } = change;
  if (before === after) return "";
  const old = before === undefined ? `-${line - 1},0` : `-${line}`;
  const lines = [`--- ${path}`, `+++ ${path}`, `@@ ${old} +${line} @@`];
  if (before !== undefined) lines.push(`-${before}`);
  return [...lines, `+${after}`].join("\n");
}
