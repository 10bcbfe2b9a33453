import type { Tree } from "./files";

const listed = new WeakMap<Tree, string>();
/** What a list of a directory prints. */
export function list(tree: Tree | undefined): string {
  if (!tree) return "";
  const known = listed.get(tree);
  if (known !== undefined) return known;
  const files = [...tree].map(([name, { bytes }], index) => `@= file.${index + 1} f ${bytes} ${name}\n`);
  const text = `@= exists yes\n@= owner leofs\n@= readable yes\n${files.join("")}`;
  listed.set(tree, text);
  return text;
}

const printed = new WeakMap<Tree, Map<string, string>>();
/** What `tree NAME DIR` prints. */
export function treeText(name: string, tree: Tree | undefined): string {
  if (!tree) return "";
  const texts = printed.get(tree) ?? new Map<string, string>();
  printed.set(tree, texts);
  let text = texts.get(name);
  if (text === undefined) {
    const files = [...tree];
    text =
      `@= ${name}.mode 755 leofs:leofs\n` +
      files.map(([file, { sha256 }], n) => `@= ${name}.hash.${n + 1} ${sha256}  ./${file}\n`).join("") +
      files
        .map(([file, { bytes }], n) => `@= ${name}.file.${n + 1} ${bytes} 600 leofs:leofs ./${file}\n`)
        .join("");
    texts.set(name, text);
  }
  return text;
}
