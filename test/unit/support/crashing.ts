import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../../remote/host";
import { LocalHost, losing } from "./localHost";

/** Commands that change files: between any two of them a host can lose its power. */
const CHANGING = [
  "mv",
  "cp",
  "ln",
  "mkdir",
  "rmdir",
  "rm",
  "chmod",
  "chown",
  "chgrp",
  "cat",
  "sync",
  "mktemp",
];

/**
 * A host whose scripts all end at once, together with everything they started, when they are about to run the
 * n-th command that changes files. `directory` gets the stand-ins that count.
 */
async function crashingHost(directory: string, at: number): Promise<LocalHost> {
  await mkdir(directory, { recursive: true });
  const counter = join(directory, "count");
  await writeFile(counter, "");
  for (const name of CHANGING) {
    const real = execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim();
    const file = join(directory, name);
    // What is on the disc cannot be told from what is in its cache here, so nothing waits for it.
    const then = name === "sync" ? "exit 0" : `exec ${real} "$@"`;
    await writeFile(
      file,
      `#!/bin/sh
printf x >> ${counter}
if [ "$(wc -c < ${counter})" -ge ${at} ]; then kill -9 0; fi
${then}
`,
    );
    await chmod(file, 0o755);
  }
  return new LocalHost("sh", { PATH: `${directory}:${process.env.PATH}` });
}

/** Where a run is interrupted. */
export type Break = "before a script" | "after a script" | "within a script";
/** Milliseconds that breaking off everywhere may take: some hundred scripts on a busy machine. */
export const BREAKS_LIMIT = 240_000;
export const BREAKS: Break[] = ["before a script", "after a script", "within a script"];

/**
 * Breaks work off at its first place, its second place and so on, each time on the same world as it was before,
 * until it comes through. After each break the work is done again on a sound host.
 *
 * @param world the directories that the work changes, `roots`, and whatever else the work needs
 * @param work does the work on a host
 * @param broken looks at the world right after the break
 * @param whole looks at the world after the work was done again
 * @returns at how many places it was interrupted
 */
export async function breakEverywhere<World extends { roots: readonly string[] }>(
  how: Break,
  world: World,
  work: (host: Host, world: World) => Promise<unknown>,
  broken: (world: World) => Promise<void>,
  whole: (world: World) => Promise<void>,
): Promise<number> {
  const aside = await mkdtemp(join(tmpdir(), "leofs-recovery-crash-"));
  try {
    for (const [index, root] of world.roots.entries())
      execFileSync("cp", ["-a", root, join(aside, `${index}`)]);
    for (let place = 1; ; place += 1) {
      const host =
        how === "within a script"
          ? await crashingHost(join(aside, "bin"), place)
          : losing(new LocalHost(), place, how === "before a script" ? "before" : "after");
      const cameThrough = await work(host, world).then(
        () => true,
        () => false,
      );
      if (cameThrough) return place - 1;
      await broken(world);
      await work(new LocalHost(), world);
      await whole(world);
      for (const [index, root] of world.roots.entries()) {
        await rm(root, { recursive: true });
        execFileSync("cp", ["-a", join(aside, `${index}`), root]);
      }
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
