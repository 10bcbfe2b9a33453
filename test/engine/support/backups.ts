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

/** A published backup, looked at without the product's code. */
export interface PublishedBackup {
  kind: string;
  node: string;
  /** SHA-256 by file, as its manifest names them and as the files have them. */
  named: Record<string, string>;
  found: Record<string, string>;
  /** SHA-256 over what `sha256sum` prints for the files. */
  digest: string;
  /** Permissions that occur among its files. */
  modes: string[];
}

async function published(directory: string): Promise<PublishedBackup> {
  const { "manifest.json": manifest, ...files } = await filesBelow(directory);
  const { kind, node, files: listed } = JSON.parse(await readFile(join(directory, "manifest.json"), "utf8"));
  const named = (listed as { name: string; sha256: string }[]).map(({ name, sha256 }) => [name, sha256]);
  const found = Object.entries(files).map(([name, { sha256 }]) => [name, sha256] as const);
  const lines = found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sha256]) => `${sha256}  ${name}\n`);
  return {
    kind,
    node,
    named: Object.fromEntries(named),
    found: Object.fromEntries(found),
    digest: createHash("sha256").update(lines.join("")).digest("hex"),
    modes: [...new Set([manifest!, ...Object.values(files)].map(({ mode }) => mode))],
  };
}

/** Every published backup in an incident's directory, by its path. */
export async function publishedBelow(incident: string): Promise<Record<string, PublishedBackup>> {
  // A name that begins with a dot is not published yet.
  const names = (await readdir(incident)).filter((name) => !name.startsWith("."));
  const directories = names.map((name) => join(incident, name));
  const backups = directories.filter((directory) => existsSync(join(directory, "manifest.json")));
  const looked = backups.map(async (directory) => [directory, await published(directory)] as const);
  return Object.fromEntries(await Promise.all(looked));
}

/** The lines that differ between two texts of equally many lines: before and after. */
export function changedLines(before: string, after: string): [string, string][] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  if (old.length !== now.length) throw new Error(`${old.length} lines before, ${now.length} after`);
  return old.flatMap((line, index) => (line === now[index] ? [] : [[line, now[index] ?? ""]]));
}
