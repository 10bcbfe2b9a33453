/** Colours by meaning; none where nobody would see them. */
type Style = "title" | "good" | "bad" | "note" | "faint";

// Not by `util.styleText`, which in Node 22 and later asks the real standard output.
const CODES: Record<Style, string> = { title: "1", good: "32;1", bad: "31;1", note: "33", faint: "2" };

/** What the screen can do; taken from the process unless a test says otherwise. */
export interface Terminal {
  write(text: string): void;
  colours: boolean;
  columns: number;
}

/** Colours only on a terminal and without NO_COLOR (https://no-color.org). */
const thisTerminal = (): Terminal => ({
  write: (text) => void process.stdout.write(text),
  colours: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb",
  columns: Math.min(Math.max(process.stdout.columns ?? 120, 60), 140),
});

/** Breaks a text at blanks to lines of at most `width`; a longer word stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Aligned lines for people: numbered headings, and below them a margin, a column of names, a text. */
export class Screen {
  private chapter = 0;
  private readonly replaced: [string, string][] = [];

  constructor(private readonly terminal: Terminal = thisTerminal()) {}

  /** From now on this text is written shorter, to keep lines readable. */
  shorten(long: string, short: string): void {
    this.replaced.push([long, short]);
  }

  style(style: Style, text: string): string {
    return this.terminal.colours ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
  }

  /** A numbered heading, after a blank line. */
  heading(text: string): void {
    this.chapter += 1;
    this.terminal.write(`\n${this.style("title", `${this.chapter}  ${text}`)}\n`);
  }

  /** A line without margin. */
  plain(text = "", style?: Style): void {
    const lines = this.short(text).split("\n");
    for (const line of lines) this.terminal.write(`${style && line ? this.style(style, line) : line}\n`);
  }

  /** A line of a chapter: a label, padded to `width`, and a text that is wrapped behind it. */
  line(label: string, text: string, width = 10, style?: Style): void {
    const margin = " ".repeat(3 + width + 2);
    const room = Math.max(this.terminal.columns - margin.length, 40);
    const rows = this.short(text)
      .split("\n")
      .flatMap((row) => wrap(row, room));
    for (const [index, row] of rows.entries()) {
      const head = index === 0 ? `   ${label.padEnd(width)}  ` : margin;
      this.terminal.write(`${`${head}${style ? this.style(style, row) : row}`.trimEnd()}\n`);
    }
  }

  /** A command to be copied: neither shortened nor broken. */
  command(label: string, command: string): void {
    this.terminal.write(`   ${label.padEnd(10)}  ${command}\n`);
  }

  /** A text of its own indentation, wrapped behind it. */
  indented(text: string, style?: Style): void {
    const indent = 3 + text.search(/\S|$/);
    const hang = " ".repeat(/^\s*\d+\. /.test(text) ? indent + 3 : indent + 2);
    const rows = wrap(this.short(text.trim()), this.terminal.columns - hang.length);
    for (const [index, row] of rows.entries())
      this.terminal.write(
        `${index === 0 ? " ".repeat(indent) : hang}${style ? this.style(style, row) : row}\n`,
      );
  }

  /** A table with aligned columns; the first row is its head. */
  table(rows: readonly (readonly string[])[]): void {
    const short = rows.map((row) => row.map((cell) => this.short(cell)));
    const widths = (short[0] ?? []).map((_, column) => Math.max(...short.map((row) => row[column]!.length)));
    for (const [index, row] of short.entries()) {
      const text = row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd();
      this.terminal.write(`   ${index === 0 ? this.style("faint", text) : text}\n`);
    }
  }

  private short(text: string): string {
    return this.replaced.reduce((rest, [long, short]) => rest.replaceAll(long, short), text);
  }
}

/** Seconds since this clock was started, as text for a column. */
export function clock(): () => string {
  const start = performance.now();
  return () => `${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`;
}
