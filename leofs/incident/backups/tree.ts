import { messageOf } from "../../../remote/errors";
import type { Host } from "../../../remote/host";
import { script } from "../../../remote/script";
import { parseSections, utf8, valuesOf } from "../../../remote/sections";

/** One file of a directory tree, as hashed on its host. */
export interface TreeFile {
  /** Path below the directory, without leading `./`. */
  name: string;
  bytes: number;
  /** Octal mode such as `644`, and `user:group`. */
  mode: string;
  owner: string;
  sha256: string;
}

const HASH = script("leofs/incident/scripts/hash-tree.sh");

/** A directory tree as `tree` printed it. */
export interface Tree {
  mode: string;
  owner: string;
  files: TreeFile[];
}

/**
 * Reads what `tree NAME DIR` printed.
 *
 * @throws when the directory was not there, or holds anything but files and directories (a symbolic link in a
 * Mnesia directory is never followed).
 */
export function readTree(output: string, name: string): Tree {
  const sections = parseSections(output);
  const { values } = sections;
  const odd = values.get(`${name}.odd`);
  if (odd)
    throw new Error(`${odd} is neither a file nor a directory; move it away first, nothing is followed`);
  const [mode, owner] = (values.get(`${name}.mode`) ?? "").split(" ");
  if (!mode || !owner) throw new Error("the directory could not be read");
  const hashes = new Map<string, string>();
  for (const line of valuesOf(sections, `${name}.hash`)) {
    const match = /^([0-9a-f]{64}) [ *]\.\/(.*)$/s.exec(line);
    if (match) hashes.set(utf8(match[2]!), match[1]!);
  }
  const files: TreeFile[] = [];
  for (const line of valuesOf(sections, `${name}.file`)) {
    const match = /^(\d+) (\d+) (\S+) \.\/(.*)$/s.exec(line);
    if (!match) continue;
    const file = utf8(match[4]!);
    const sha256 = hashes.get(file);
    if (!sha256) throw new Error(`${file} could not be hashed`);
    files.push({ name: file, bytes: Number(match[1]), mode: match[2]!, owner: match[3]!, sha256 });
  }
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { mode, owner, files };
}

/** A directory that is not there, or cannot be hashed as it is; not said of a host that cannot be asked. */
export class NoTree extends Error {
  override name = "NoTree";
}

/**
 * Hashes a directory tree of a host.
 *
 * @throws NoTree
 */
export async function hashTree(host: Host, directory: string, as: string | undefined): Promise<Tree> {
  const { stdout } = await host.run(
    HASH,
    { directory },
    {
      as,
      encoding: "latin1",
      timeoutMs: 600_000,
    },
  );
  try {
    return readTree(stdout, "t");
  } catch (error) {
    throw new NoTree(`${host.label}: ${directory}: ${messageOf(error)}`);
  }
}

/** The same; undefined where there is no such tree. */
export async function treeIfAny(
  ...[host, directory, as]: Parameters<typeof hashTree>
): Promise<Tree | undefined> {
  try {
    return await hashTree(host, directory, as);
  } catch (error) {
    if (error instanceof NoTree) return undefined;
    throw error;
  }
}

/** How two trees differ in names or contents; empty when they hold the same. */
export function treeDifferences(expected: TreeFile[], actual: TreeFile[]): string[] {
  const wanted = new Map(expected.map((file) => [file.name, file]));
  const found = new Map(actual.map((file) => [file.name, file]));
  const differences: string[] = [];
  for (const [name, file] of wanted) {
    const other = found.get(name);
    if (!other) differences.push(`${name} is missing`);
    else if (other.sha256 !== file.sha256)
      differences.push(`${name} differs (${file.bytes} and ${other.bytes} bytes)`);
  }
  for (const name of found.keys())
    if (!wanted.has(name)) differences.push(`${name} is there and should not be`);
  return differences;
}

/** Gives files the `modes` that `modesOf` lists. */
export const SET_MODES = script("leofs/incident/scripts/set-modes.sh");

/** The modes of files below a directory, for `SET_MODES`. */
export const modesOf = (files: readonly TreeFile[], directory: string): string =>
  files.map((file) => `${file.mode} ${directory}/${file.name}`).join("\n");

/** Sum of sizes. */
export const totalBytes = (files: readonly { bytes: number }[]): number =>
  files.reduce((sum, file) => sum + file.bytes, 0);
