/**
 * Texts that every YAML reader takes for texts without quotes: a letter or a slash in front, nothing in them that
 * means something in YAML, and none of YAML's own words. And addresses, which are no numbers.
 */
const plain = (text: string): boolean =>
  /^\d+\.\d+\.\d+\.\d+$/.test(text) ||
  (/^[A-Za-z/]([A-Za-z0-9_@./+=-]|:(?=[A-Za-z]))*( [A-Za-z0-9_@./+=-]+)*$/.test(text) &&
    !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text));

const scalar = (value: unknown): string =>
  typeof value === "string" && plain(value) ? value : JSON.stringify(value);

/** Data (mappings, lists, texts, numbers, truth values) as YAML that a person would have written. */
export function yamlText(value: unknown, indent = ""): string {
  if (Array.isArray(value))
    return value.map((item) => `${indent}- ${yamlText(item, `${indent}  `).trimStart()}`).join("");
  if (typeof value !== "object" || value === null) return `${indent}${scalar(value)}\n`;
  const line = ([key, item]: [string, unknown]) =>
    typeof item === "object" && item !== null
      ? `${indent}${scalar(key)}:\n${yamlText(item, `${indent}  `)}`
      : `${indent}${scalar(key)}: ${scalar(item)}\n`;
  return Object.entries(value).map(line).join("");
}
