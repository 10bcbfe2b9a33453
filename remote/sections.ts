/** What `value` and `content` of scripts/lib.sh printed: one-line values and file contents (latin1), both by name. */
export interface Sections {
  values: Map<string, string>;
  contents: Map<string, string>;
}

/** Reads sections out of a script's output (latin1). Lines that are no section are passed over. */
export function parseSections(output: string): Sections {
  const values = new Map<string, string>();
  const contents = new Map<string, string>();
  for (let at = 0; at < output.length; ) {
    const newline = output.indexOf("\n", at);
    const end = newline === -1 ? output.length : newline;
    const next = end + 1;
    if (output.startsWith("@= ", at)) {
      const space = output.indexOf(" ", at + 3);
      if (space > at + 3 && space < end)
        values.set(output.slice(at + 3, space), output.slice(space + 1, end));
    } else if (output.startsWith("@@ ", at)) {
      const [, name, length] = /^@@ (\S+) (\d+)$/.exec(output.slice(at, end)) ?? [];
      if (name !== undefined) {
        contents.set(name, output.slice(next, next + Number(length)));
        at = next + Number(length) + 1;
        continue;
      }
    }
    at = next;
  }
  return { values, contents };
}

/** What `values NAME` of scripts/lib.sh printed under a name, in order. */
export function valuesOf({ values }: Pick<Sections, "values">, name: string): string[] {
  const found: string[] = [];
  for (let n = 1; values.has(`${name}.${n}`); n += 1) found.push(values.get(`${name}.${n}`)!);
  return found;
}

/** A latin1 text of a file as the UTF-8 text it may hold. */
export const utf8 = (latin1: string): string =>
  BEYOND_ASCII.test(latin1) ? Buffer.from(latin1, "latin1").toString("utf8") : latin1;

const BEYOND_ASCII = /[\x80-\xff]/;
