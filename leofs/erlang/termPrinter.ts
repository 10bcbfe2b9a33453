import type { Term } from "./term";

/** Words that Erlang reads as keywords, so an atom of that name needs quotes. */
const RESERVED = new Set(
  (
    "after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not of or " +
    "orelse receive rem try when xor"
  ).split(" "),
);

const ESCAPES: Record<number, string> = {
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  27: "\\e",
  92: "\\\\",
};

/** The text between quotes, in 7-bit characters only, so that no reader's encoding can change its meaning. */
function quoted(codes: Iterable<number>, quote: '"' | "'"): string {
  let result = quote as string;
  for (const code of codes) {
    if (code === quote.charCodeAt(0)) result += `\\${quote}`;
    else if (ESCAPES[code] !== undefined) result += ESCAPES[code];
    else if (code >= 32 && code < 127) result += String.fromCharCode(code);
    else result += `\\x{${code.toString(16).toUpperCase()}}`;
  }
  return result + quote;
}

function* codePoints(value: string): Iterable<number> {
  for (const character of value) yield character.codePointAt(0) ?? 0;
}

/**
 * The name as an Erlang atom in source form, quoted where needed. Whatever the name holds, the result is one
 * atom: nothing in it can end the atom and be evaluated.
 */
export function atomText(name: string): string {
  return /^[a-z][a-zA-Z0-9_@]*$/.test(name) && !RESERVED.has(name) ? name : quoted(codePoints(name), "'");
}

/** The bytes (a string as UTF-8) as an Erlang binary in source form. */
function binaryText(bytes: Buffer | string): string {
  const buffer = Buffer.from(bytes);
  if (buffer.length === 0) return "<<>>";
  return buffer.every((byte) => byte >= 32 && byte < 127)
    ? `<<${quoted(buffer, '"')}>>`
    : `<<${buffer.join(",")}>>`;
}

/** Character codes that make a list a string: printable ASCII and the characters that have an escape. */
const isCharacter = (term: Term): boolean =>
  term.kind === "integer" &&
  ((term.value >= 32n && term.value < 127n) || (term.value >= 8n && term.value <= 13n) || term.value === 27n);

function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const [mantissa = "", exponent] = String(value).split("e");
  const withPoint = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? withPoint : `${withPoint}e${exponent.replace("+", "")}`;
}

function listText(term: Extract<Term, { kind: "list" }>): string {
  if (term.items.length === 0) return "[]";
  if (term.tail === undefined && term.items.every(isCharacter))
    return quoted(
      term.items.map((item) => (item.kind === "integer" ? Number(item.value) : 0)),
      '"',
    );
  const items = term.items.map(formatTerm).join(",");
  return term.tail === undefined ? `[${items}]` : `[${items}|${formatTerm(term.tail)}]`;
}

function bitsText(bytes: Buffer, value: number, bits: number): string {
  return `<<${[...bytes, `${value}:${bits}`].join(",")}>>`;
}

/**
 * The one canonical source form of a term, on one line, in 7-bit characters: equal terms print the same and
 * different ones do not, whatever layout they were read from. Map entries are sorted by their printed keys.
 */
export function formatTerm(term: Term): string {
  switch (term.kind) {
    case "atom":
      return atomText(term.name);
    case "integer":
      return term.value.toString();
    case "float":
      return floatText(term.value);
    case "binary":
      return term.rest ? bitsText(term.bytes, term.rest.value, term.rest.bits) : binaryText(term.bytes);
    case "list":
      return listText(term);
    case "tuple":
      return `{${term.items.map(formatTerm).join(",")}}`;
    case "map":
      return `#{${term.entries
        .map(([key, value]) => `${formatTerm(key)} => ${formatTerm(value)}`)
        .sort()
        .join(",")}}`;
    case "opaque":
      return term.text;
  }
}
