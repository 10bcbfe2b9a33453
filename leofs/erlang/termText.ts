/** Text that is not an Erlang term: where, and what was found. Never carries more of the text than one character. */
export class TermError extends Error {
  override readonly name = "TermError";
  constructor(
    readonly reason: string,
    readonly line: number,
    /** Whether the text ended where more was needed: the sign of a file that was cut. */
    readonly atEnd: boolean,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

const SPACE = /(?:[\s\0]|%[^\n]*)+/y;
const PLAIN = { '"': /[^"\\]+/y, "'": /[^'\\\n]+/y } as const;
const SIMPLE_ESCAPES: Record<string, number> = {
  b: 8,
  d: 127,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  s: 32,
  t: 9,
  v: 11,
};

/** The text of code points, however many. */
export function codesText(codes: readonly number[]): string {
  let result = "";
  for (const code of codes) result += String.fromCodePoint(code);
  return result;
}

/** A place in a text that holds Erlang terms, and what can be read there: blanks, quoted text, escapes. */
export class TextReader {
  protected position = 0;
  private counted = { line: 1, upTo: 0 };

  constructor(protected readonly source: string) {}

  /** The line, counted from 1, that is read next. */
  line(): number {
    for (;;) {
      const end = this.source.indexOf("\n", this.counted.upTo);
      if (end === -1 || end >= this.position) return this.counted.line;
      this.counted = { line: this.counted.line + 1, upTo: end + 1 };
    }
  }

  /** How much of the text was read. */
  offset(): number {
    return this.position;
  }

  /** Goes on at another place of the text. */
  passTo(offset: number): void {
    this.position = offset;
  }

  /** Passes blanks and comments. */
  protected space(): void {
    this.match(SPACE);
  }

  /** The code points of a quoted text, the quotes read too. */
  protected quoted(quote: '"' | "'"): number[] {
    this.position += 1;
    const codes: number[] = [];
    for (;;) {
      const plain = this.match(PLAIN[quote])?.[0];
      if (plain !== undefined) for (const character of plain) codes.push(character.codePointAt(0) ?? 0);
      const next = this.source[this.position];
      if (next === quote) {
        this.position += 1;
        return codes;
      }
      if (next === "\\") codes.push(this.escape());
      else this.fail(`the closing ${quote}`);
    }
  }

  /** One escape sequence, its backslash read too. */
  protected escape(): number {
    const coded = this.match(/\\(?:x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|([0-7]{1,3})|\^([@-_a-z]))/y);
    if (coded) {
      const [, long, short, octal, control] = coded;
      if (control !== undefined) return control.charCodeAt(0) & 31;
      const code = octal === undefined ? Number.parseInt(long ?? short ?? "", 16) : Number.parseInt(octal, 8);
      return code <= 0x10ffff ? code : this.fail("a character");
    }
    const letter = this.match(/\\([\s\S])/uy)?.[1] ?? this.fail("the rest of an escape");
    return SIMPLE_ESCAPES[letter] ?? letter.codePointAt(0) ?? 0;
  }

  protected expect(symbol: string): void {
    this.space();
    if (!this.source.startsWith(symbol, this.position)) this.fail(symbol);
    this.position += symbol.length;
  }

  protected match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source) ?? undefined;
    if (found) this.position = pattern.lastIndex;
    return found;
  }

  protected fail(wanted: string): never {
    const left = this.source.slice(this.position, this.position + 2);
    const cut = left === "" || /^[<>=#\\]$/.test(left);
    const what = cut ? "the text ends" : `found ${JSON.stringify(left[0])}`;
    throw new TermError(`expected ${wanted}, ${what}`, this.line(), cut);
  }
}
