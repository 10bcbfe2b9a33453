/** Longest line of a plan: the Pulumi CLI cuts longer texts off where it prints outputs. */
const WIDTH = 118;

/** A line as one or more, broken between words, what follows the first indented two more: libraries keep no such indent. */
export function wrapped(line: string, width = WIDTH): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(/ +/)) {
    const start = lines.length === 0 ? indent : `${indent}  `;
    if (current.trim() !== "" && current.length + 1 + word.length > width) {
      lines.push(current);
      current = `${indent}  ${word}`;
    } else current = current.trim() === "" ? start + word : `${current} ${word}`;
  }
  return [...lines, current];
}
