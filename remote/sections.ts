/**
 * The framing that a script with many answers prints, and its reader.
 *
 * `value NAME TEXT` prints one line, `content NAME FILE` prints a file byte for byte, so that one round trip
 * carries everything a step needs to know of a host.
 */
export const SECTION_FUNCTIONS = `
value() { printf '@= %s %s\\n' "$1" "$2"; }
content() {
  if [ -f "$2" ] && [ -r "$2" ]; then
    printf '@@ %s %s\\n' "$1" "$(wc -c < "$2" | tr -d ' ')"
    cat -- "$2"
    printf '\\n'
  elif [ -e "$2" ]; then
    value "$1.unreadable" yes
  fi
}
`;

/** What a script with sections printed: one-line values and file contents (latin1), both by name. */
export interface Sections {
  values: Map<string, string>;
  contents: Map<string, string>;
}

/** Reads sections out of a script's output (latin1). Lines that are no section are passed over. */
export function parseSections(output: string): Sections {
  const values = new Map<string, string>();
  const contents = new Map<string, string>();
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf("\n", at);
    const line = output.slice(at, end === -1 ? output.length : end);
    at = end === -1 ? output.length : end + 1;
    const value = /^@= (\S+) (.*)$/s.exec(line);
    if (value) values.set(value[1]!, value[2]!);
    const content = /^@@ (\S+) (\d+)$/.exec(line);
    if (content) {
      const length = Number(content[2]);
      contents.set(content[1]!, output.slice(at, at + length));
      at += length + 1;
    }
  }
  return { values, contents };
}

/** A latin1 text of a file as the UTF-8 text it may hold. */
export const utf8 = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");
