import { randomBytes } from "node:crypto";
import { posix } from "node:path";
import { REMOVE_DIRECTORY } from "../files";
import type { Host } from "../host";
import { script } from "../script";
import {
  CHECK_TARGET,
  type CopiedFile,
  CopyError,
  type CopyOptions,
  copyFile,
  must,
  runOptions,
} from "./copy";
import { bundled, copyBundle, type End, inspectFiles } from "./copyBundle";

const LIST = script("remote/scripts/list-tree.sh");
const DIRECTORY_MODES = script("remote/scripts/directory-modes.sh");
const MAKE_DIRECTORIES = script("remote/scripts/make-directories.sh");
const PUBLISH_DIRECTORY = script("remote/scripts/publish-directory.sh");

/** Bundles, or large files, under way at once. */
const AT_ONCE = 4;

/**
 * Copies a directory with everything below it, small files together and the others as `copyFile` does, into a directory with a new name
 * that gets its own name only when all is there. Refuses a target that exists, and a source that holds
 * anything but plain files and directories.
 *
 * @returns the files, with paths relative to the directory, sorted
 */
export async function copyDirectory(
  from: Host,
  fromPath: string,
  to: Host,
  toPath: string,
  options: CopyOptions = {},
): Promise<CopiedFile[]> {
  const { readAs, writeAs } = options;
  const [reading, writing] = [runOptions(readAs), runOptions(writeAs)];
  const what = `${fromPath} of ${from.label} to ${toPath} of ${to.label}`;
  const { directories, names } = listed(
    await must(what, from.run(LIST, { directory: fromPath }, reading)),
    what,
  );
  const modes = (
    await must(what, from.run(DIRECTORY_MODES, { directory: fromPath, list: directories }, reading))
  ).stdout
    .trim()
    .split("\n");
  await must(what, to.run(CHECK_TARGET, { path: toPath }, writing));
  const stage = `${toPath}.${randomBytes(8).toString("hex")}.partial`;
  try {
    await must(what, to.run(MAKE_DIRECTORIES, { directory: stage, list: directories }, writing));
    const source: End = { host: from, directory: fromPath, options: reading };
    const target: End = { host: to, directory: stage, options: writing };
    // On one host its own disc is quicker than any way through this process.
    const { bundles, large } =
      from === to && readAs === writeAs
        ? { bundles: [], large: names.map((name) => ({ name })) }
        : bundled(await inspectFiles(source, names, what));
    const small = await inParallel(bundles, (bundle) => copyBundle(source, target, bundle, what));
    const others = await inParallel(large, async ({ name }) => {
      const copied = await copyFile(from, posix.join(fromPath, name), to, posix.join(stage, name), options);
      return { ...copied, path: name };
    });
    const files = [...small.flat(), ...others].sort((a, b) => (a.path < b.path ? -1 : 1));
    // The deepest first: a directory that is made read-only could not be entered by its owner's next step.
    const pairs = directories.map((name, at) => [modes[at] ?? "700", name]).reverse();
    await must(what, to.run(PUBLISH_DIRECTORY, { stage, path: toPath, list: pairs.flat() }, writing));
    return files;
  } catch (error) {
    await to.run(REMOVE_DIRECTORY, { path: stage }, writing).catch(() => undefined);
    throw error;
  }
}

function listed({ stdout }: { stdout: string }, what: string): { directories: string[]; names: string[] } {
  if (stdout.includes("\uFFFD"))
    throw new CopyError(`Could not copy ${what}: it holds a file name that is not UTF-8. Rename that file.`);
  const all = stdout.split("\0").slice(0, -1);
  const middle = all.indexOf("");
  const plain = (name: string) => posix.normalize(name);
  return {
    directories: all.slice(0, middle).map(plain).sort(),
    names: all
      .slice(middle + 1)
      .map(plain)
      .sort(),
  };
}

/** The results of an operation on each item, in order; a failure lets what runs finish and starts no more. */
async function inParallel<T, R>(items: readonly T[], operation: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (!failed && next < items.length) {
      const at = next++;
      try {
        results[at] = await operation(items[at]!);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return results;
}
