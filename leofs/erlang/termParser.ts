import { type BitRest, list, type Term } from "./term";
import { codesText, TermError, TextReader } from "./termText";

/** No term of LeoFS is nested deeper than ten; the limit keeps garbage from exhausting the stack. */
const MAX_DEPTH = 500;

const ATOM = /[a-z\u00df-\u00f6\u00f8-\u00ff][\p{L}0-9_@]*/uy;
const NUMBER = /-?(?:(\d+\.\d+(?:[eE][+-]?\d+)?)|(\d{1,2})#([0-9a-zA-Z]+)|(\d+))/y;
/** Pids, ports, references, funs and named functions, as Erlang and its C library print them. */
const OPAQUE =
  /<[^<>\s,{}[\]"]*\.[^<>\s,{}[\]"]*>|#(?:Ref|Fun|Port)<[^<>\n]*>|fun [a-z][\w@]*:[a-z][\w@]*\/\d+/y;

/** Reads one term after the other from a text, as a dump or a conf of Erlang has it; no library does. */
export class TermReader extends TextReader {
  private depth = 0;

  /** Whether nothing but blanks and comments is left. */
  atEnd(): boolean {
    this.space();
    return this.position >= this.source.length;
  }

  /** Reads the dot that ends a term. It counts only with a blank, a comment or nothing behind it. */
  dot(): void {
    this.space();
    const next = this.source[this.position + 1];
    if (this.source[this.position] !== "." || !(next === undefined || /[\s%]/.test(next))) this.fail("a dot");
    this.position += 1;
  }

  /** Whether the next thing is a dot. */
  atDot(): boolean {
    this.space();
    return this.source[this.position] === ".";
  }

  /** Reads one term. */
  term(): Term {
    if (this.depth >= MAX_DEPTH) throw new TermError(`nested deeper than ${MAX_DEPTH}`, this.line(), false);
    this.depth += 1;
    try {
      return this.read();
    } finally {
      this.depth -= 1;
    }
  }

  private read(): Term {
    this.space();
    switch (this.source[this.position]) {
      case "{":
        this.position += 1;
        return { kind: "tuple", items: this.sequence("}") };
      case "[":
        return this.list();
      case '"':
        return this.string();
      case "'":
        return { kind: "atom", name: codesText(this.quoted("'")) };
      case "<":
        return this.opaque() ?? this.binary();
      case "#":
        return this.opaque() ?? this.hash();
      case "$":
        return this.character();
    }
    return this.number() ?? this.opaque() ?? this.atom() ?? this.fail("a term");
  }

  private atom(): Term | undefined {
    const name = this.match(ATOM)?.[0];
    return name === undefined ? undefined : { kind: "atom", name };
  }

  private opaque(): Term | undefined {
    const found = this.match(OPAQUE)?.[0];
    return found === undefined ? undefined : { kind: "opaque", text: found };
  }

  private number(): Term | undefined {
    const found = this.match(NUMBER);
    if (!found) return undefined;
    const [all, real, base, digits] = found;
    if (real !== undefined) return { kind: "float", value: Number(all) };
    if (base === undefined || digits === undefined) return { kind: "integer", value: BigInt(all) };
    let value = 0n;
    for (const digit of digits) {
      const worth = Number.parseInt(digit, 36);
      if (worth >= Number(base)) this.fail(`a digit of base ${base}`);
      value = value * BigInt(base) + BigInt(worth);
    }
    return { kind: "integer", value: all.startsWith("-") ? -value : value };
  }

  private character(): Term {
    this.position += 1;
    const code = this.source.codePointAt(this.position);
    if (code === undefined) return this.fail("a character");
    if (code === 92) return { kind: "integer", value: BigInt(this.escape()) };
    this.position += code > 0xffff ? 2 : 1;
    return { kind: "integer", value: BigInt(code) };
  }

  private list(): Term {
    this.position += 1;
    const items = this.sequence("]", "|");
    if (this.source[this.position - 1] === "]") return { kind: "list", items };
    const tail = this.term();
    this.expect("]");
    return list(items, tail);
  }

  /** A string, and the strings right behind it, which Erlang joins (`~p` breaks long ones so). */
  private string(): Term {
    const items: Term[] = [];
    do {
      for (const code of this.quoted('"')) items.push({ kind: "integer", value: BigInt(code) });
      this.space();
    } while (this.source[this.position] === '"');
    return { kind: "list", items };
  }

  /** The terms up to `end` (or `other`), which is read too. */
  private sequence(end: string, other?: string): Term[] {
    const items: Term[] = [];
    this.space();
    if (this.source[this.position] === end) {
      this.position += 1;
      return items;
    }
    for (;;) {
      items.push(this.term());
      this.space();
      const next = this.source[this.position];
      if (next !== "," && next !== end && (next === undefined || next !== other))
        this.fail(`a comma or ${end}`);
      this.position += 1;
      if (next !== ",") return items;
    }
  }

  private binary(): Term {
    if (!this.source.startsWith("<<", this.position)) return this.fail("a term");
    this.position += 2;
    const parts: Buffer[] = [];
    let rest: BitRest | undefined;
    this.space();
    while (!this.source.startsWith(">>", this.position)) {
      if (rest) this.fail("the end of the bitstring");
      rest = this.segment(parts);
      this.space();
      if (this.source[this.position] === ",") this.position += 1;
      else if (!this.source.startsWith(">>", this.position)) this.fail("a comma or >>");
      this.space();
    }
    this.position += 2;
    const bytes = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
    return rest ? { kind: "binary", bytes, rest } : { kind: "binary", bytes };
  }

  private segment(parts: Buffer[]): BitRest | undefined {
    if (this.source[this.position] === '"') {
      const codes = this.quoted('"');
      const utf8 = this.match(/\/utf8/y) !== undefined;
      parts.push(utf8 ? Buffer.from(codesText(codes)) : Buffer.from(codes));
      return undefined;
    }
    const number = this.match(/\d+/y)?.[0] ?? this.fail("a byte or a string");
    const bits = this.match(/:([1-7])\b/y)?.[1];
    if (bits !== undefined && Number(number) < 2 ** Number(bits))
      return { value: Number(number), bits: Number(bits) };
    if (Number(number) > 255) this.fail("a byte");
    parts.push(Buffer.of(Number(number)));
    return undefined;
  }

  /** `#{key => value}`, or `#Bin<1,2>`, the form that Erlang's C library has for a binary. */
  private hash(): Term {
    const bytes = this.match(/#Bin<((?:\d{1,3}(?:,\d{1,3})*)?)>/y)?.[1];
    if (bytes !== undefined)
      return { kind: "binary", bytes: Buffer.from(bytes === "" ? [] : bytes.split(",").map(Number)) };
    if (!this.source.startsWith("#{", this.position)) return this.fail("a term");
    this.position += 2;
    const entries: [Term, Term][] = [];
    this.space();
    if (this.source[this.position] === "}") {
      this.position += 1;
      return { kind: "map", entries };
    }
    for (;;) {
      const key = this.term();
      this.expect("=>");
      entries.push([key, this.term()]);
      this.space();
      const next = this.source[this.position];
      if (next !== "," && next !== "}") this.fail("a comma or }");
      this.position += 1;
      if (next === "}") return { kind: "map", entries };
    }
  }
}

/** The one term of a text; its dot may be missing, nothing else may follow. Throws {@link TermError}. */
export function parseTerm(source: string): Term {
  const reader = new TermReader(source);
  const term = reader.term();
  if (reader.atDot()) reader.dot();
  if (!reader.atEnd()) throw new TermError("more text behind the term", reader.line(), false);
  return term;
}
