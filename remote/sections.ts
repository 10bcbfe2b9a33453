/** What `value` and `content` of scripts/lib.sh printed: one-line values and file contents (latin1), both by name. */
export interface Sections {
  values: Map<string, string>;
  contents: Map<string, string>;
}

const AT = "@".charCodeAt(0);

/** Reads sections out of a script's output (latin1). Lines that are no section are passed over. */
export function parseSections(output: string): Sections {
  const values = new Map<string, string>();
  const contents = new Map<string, string>();
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf("\n", at);
    const line = output.slice(at, end === -1 ? output.length : end);
    at = end === -1 ? output.length : end + 1;
    if (line.charCodeAt(0) !== AT) continue;
    const value = /^@= (\S+) (.*)$/s.exec(line);
    if (value) values.set(value[1]!, value[2]!);
    const content = value ? null : /^@@ (\S+) (\d+)$/.exec(line);
    if (content) {
      const length = Number(content[2]);
      contents.set(content[1]!, output.slice(at, at + length));
      at += length + 1;
    }
  }
  return { values, contents };
}

/** A latin1 text of a file as the UTF-8 text it may hold. */
export const utf8 = (latin1: string): string =>
  BEYOND_ASCII.test(latin1) ? Buffer.from(latin1, "latin1").toString("utf8") : latin1;

const BEYOND_ASCII = /[\x80-\xff]/;
