import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** What a file is: SHA-256, permissions and time, so that any change shows. */
export interface FileFacts {
  sha256: string;
  mode: string;
  modified: number;
}

/** Every file below a directory, by its path in there. */
export async function filesBelow(directory: string): Promise<Record<string, FileFacts>> {
  const found: Record<string, FileFacts> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = await stat(path);
    const sha256 = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    found[relative(directory, path)] = { sha256, mode: (mode & 0o777).toString(8), modified: mtimeMs };
  }
  return found;
}

/** The hashes a backup's manifest names and those its files have, for comparing; and who may read them. */
export async function backupHashes(directory: string): Promise<{
  kind: string;
  node: string;
  named: Record<string, string>;
  found: Record<string, string>;
  modes: string[];
}> {
  const { "manifest.json": manifest, ...files } = await filesBelow(directory);
  if (!manifest) throw new Error(`${directory} holds no manifest.json`);
  const { kind, node, files: listed } = JSON.parse(await readFile(join(directory, "manifest.json"), "utf8"));
  const named = (listed as { name: string; sha256: string }[]).map(({ name, sha256 }) => [name, sha256]);
  return {
    kind,
    node,
    named: Object.fromEntries(named),
    found: Object.fromEntries(Object.entries(files).map(([name, { sha256 }]) => [name, sha256])),
    modes: [...new Set([manifest, ...Object.values(files)].map(({ mode }) => mode))],
  };
}

/** The lines that differ between two texts of equally many lines: before and after. */
export function changedLines(before: string, after: string): [string, string][] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  if (old.length !== now.length) throw new Error(`${old.length} lines before, ${now.length} after`);
  return old.flatMap((line, index) => (line === now[index] ? [] : [[line, now[index] ?? ""]]));
}

/** The text of a file; undefined when it is not there. */
export const textOf = async (file: string): Promise<string | undefined> =>
  existsSync(file) ? readFile(file, "utf8") : undefined;
