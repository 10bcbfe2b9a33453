/**
 * An Erlang term. A string is a list of code points, as in Erlang, so `"abc"` and `[97,98,99]` are the same
 * term. Integers are always `bigint` (ring positions have 128 bits). Pids, ports, references and funs have no
 * source form that could be read back: they are kept as the text they were printed with.
 */
export type Term =
  | { kind: "atom"; name: string }
  | { kind: "integer"; value: bigint }
  | { kind: "float"; value: number }
  | { kind: "binary"; bytes: Buffer; rest?: BitRest }
  | { kind: "list"; items: Term[]; tail?: Term }
  | { kind: "tuple"; items: Term[] }
  | { kind: "map"; entries: [Term, Term][] }
  | { kind: "opaque"; text: string };

/** The last 1 to 7 bits of a bitstring that is no whole number of bytes (`<<1,2:4>>`). */
export interface BitRest {
  value: number;
  bits: number;
}

export type Tuple = Extract<Term, { kind: "tuple" }>;
export type List = Extract<Term, { kind: "list" }>;

export const atom = (name: string): Term => ({ kind: "atom", name });
export const integer = (value: number | bigint): Term => ({ kind: "integer", value: BigInt(value) });
export const binary = (bytes: Buffer | string): Term => ({ kind: "binary", bytes: Buffer.from(bytes) });
export const tuple = (...items: Term[]): Term => ({ kind: "tuple", items });
/** A list; an empty list as `tail` is no tail at all (`[a|[]]` is `[a]`). */
export function list(items: Term[], tail?: Term): Term {
  if (tail === undefined || (tail.kind === "list" && tail.items.length === 0)) return { kind: "list", items };
  if (items.length === 0) return tail;
  if (tail.kind === "list") return list([...items, ...tail.items], tail.tail);
  return { kind: "list", items, tail };
}
/** Whether the term is a tuple, with exactly `size` elements when that is given. */
export function isTuple(term: Term | undefined, size?: number): term is Tuple {
  return term?.kind === "tuple" && (size === undefined || term.items.length === size);
}

/** Whether the term is a proper list (a string is one too). */
export function isList(term: Term | undefined): term is List {
  return term?.kind === "list" && term.tail === undefined;
}

/** The items of a proper list; none of anything else. */
export const itemsOf = (term: Term | undefined): Term[] => (isList(term) ? term.items : []);

/** The atoms of a list by name; `?` stands for what is not one. */
export const atomsIn = (term: Term | undefined): string[] =>
  itemsOf(term).map((item) => atomName(item) ?? "?");

/** Whether the term is the atom of that name. */
export const isAtom = (term: Term | undefined, name: string): boolean =>
  term?.kind === "atom" && term.name === name;

/** The atom's name, or undefined when the term is no atom. */
export const atomName = (term: Term | undefined): string | undefined =>
  term?.kind === "atom" ? term.name : undefined;

/** The integer as a number; undefined when it is none, or too large to be exact. */
export function intOf(term: Term | undefined): number | undefined {
  if (term?.kind !== "integer") return undefined;
  const value = Number(term.value);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The integer, however large; undefined when the term is none. */
export const bigOf = (term: Term | undefined): bigint | undefined =>
  term?.kind === "integer" ? term.value : undefined;

/**
 * The text of a string, binary (UTF-8 where that is valid, else latin1) or atom; undefined for anything else.
 * The empty list is the empty string.
 */
export function textOf(term: Term | undefined): string | undefined {
  if (term?.kind === "atom") return term.name;
  if (term?.kind === "binary") return bytesText(term.bytes);
  if (!isList(term)) return undefined;
  let result = "";
  for (const item of term.items) {
    const code = intOf(item);
    if (code === undefined || code < 0 || code > 0x10ffff) return undefined;
    result += String.fromCodePoint(code);
  }
  return result;
}

function bytesText(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}

/** The value of `{key, value}` in a property list; undefined when it is not there. */
export function property(term: Term | undefined, key: string): Term | undefined {
  if (!isList(term)) return undefined;
  for (const item of term.items) if (isTuple(item, 2) && isAtom(item.items[0], key)) return item.items[1];
  return undefined;
}
