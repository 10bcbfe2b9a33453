/** The words of shell text up to the first newline outside quotes, and where that newline is; undefined: not there yet. */
export function wordsOf(text: string, from: number): { words: string[]; end: number } | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === "'") {
      const close = text.indexOf("'", at + 1);
      if (close < 0) return undefined;
      word = (word ?? "") + text.slice(at + 1, close);
      at = close;
    } else if (char === "\\") {
      word = (word ?? "") + (text[at + 1] ?? "");
      at += 1;
    } else if (char === " " || char === "\n") {
      if (word !== undefined) words.push(word);
      word = undefined;
      if (char === "\n") return { words, end: at };
    } else word = (word ?? "") + char;
  }
  return undefined;
}

/** An operation as it came in. */
export interface Unit {
  kind: "open" | "script" | "stream";
  text: string;
  script: string;
  args: string[];
  /** What the script reads, as shell text. */
  input: string;
  token: string;
}

/** What of a reply, or an input, the gate is told at most: enough to see what a load said. */
export const EXCERPT = 8192;

/** Takes the next whole operation from the front of what came in; undefined: more must come. */
export function nextUnit(text: string): Unit | undefined {
  const opening = /^printf '%s\\n(?:%s%d\\n)?' '([0-9a-f]{32})<'/.exec(text);
  if (!opening) return undefined;
  const token = opening[1]!;
  if (text.startsWith("printf '%s\\n%s%d\\n'")) {
    const line = wordsOf(text, 0);
    if (!line) return undefined;
    const whole = text.slice(0, line.end + 1);
    const exec = whole.indexOf("; exec sh -c ");
    if (exec < 0) return { kind: "open", text: whole, script: "", args: [], input: "", token };
    const { words } = wordsOf(`${whole.slice(exec + "; exec sh -c ".length)}\n`, 0)!;
    return { kind: "stream", text: whole, script: words[0] ?? "", args: words.slice(2), input: "", token };
  }
  const mark = `printf '%s\\n' '${token}>' >&2\n`;
  const end = text.indexOf(mark);
  if (end < 0) return undefined;
  const whole = text.slice(0, end + mark.length);
  const set = whole.indexOf("(set -- ");
  const args = wordsOf(whole, set + "(set -- ".length)!;
  const script = wordsOf(whole, args.end + 1 + "eval ".length)!;
  const input = whole.slice(whole.indexOf(">&2\n") + ">&2\n".length, set).slice(0, EXCERPT);
  return { kind: "script", text: whole, script: script.words[0] ?? "", args: args.words, input, token };
}
