/** Text that is markup already. Everything else that comes into a page is escaped, which a template library would leave to whoever writes. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | undefined | Markup | readonly Markup[];

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
// What no document may hold, and what turns the direction of a text around.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to go
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text as it stands in HTML, SVG and quoted attributes. */
export const escaped = (text: string): string =>
  text.replace(UNFIT, "\ufffd").replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);

/** Markup with values in it: each is escaped unless it is markup itself. */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const inserted = (value: Value): string => {
    if (value instanceof Markup) return value.text;
    if (Array.isArray(value)) return value.map((one: Markup) => one.text).join("\n");
    return value === undefined ? "" : escaped(String(value));
  };
  return new Markup(parts.map((part, index) => part + inserted(values[index])).join(""));
}

/** A text as it stands in Markdown, on one line, without any of its signs working. */
export const inMarkdown = (text: string): string =>
  text
    .replace(UNFIT, "\ufffd")
    .replace(/\s+/g, " ")
    .replace(/[\\`*[\]<>|#&]|\b_|_\b/g, (sign) =>
      sign === "<" || sign === "&" ? ENTITIES[sign]! : `\\${sign}`,
    );

/** A text as code in Markdown: fenced by more backquotes than it has in a row. */
export function codeInMarkdown(text: string): string {
  const flat = text.replace(UNFIT, "\ufffd").replace(/\s+/g, " ");
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${flat} ${fence}` : `${fence}${flat}${fence}`;
}
