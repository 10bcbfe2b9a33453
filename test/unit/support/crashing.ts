import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalHost } from "./localHost";

/** Commands that change files: between any two of them a host can lose its power. */
const CHANGING = ["mv", "cp", "mkdir", "rmdir", "rm", "chmod", "chgrp", "cat", "sync", "mktemp"];

/**
 * A host whose scripts all end at once, together with everything they started, when they are about to run the
 * n-th command that changes files. `directory` gets the stand-ins that count; call `count` to see how many ran.
 */
export async function crashingHost(directory: string, at: number): Promise<LocalHost> {
  await mkdir(directory, { recursive: true });
  const counter = join(directory, "count");
  await writeFile(counter, "");
  for (const name of CHANGING) {
    const real = execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim();
    const file = join(directory, name);
    await writeFile(
      file,
      `#!/bin/sh
printf x >> ${counter}
if [ "$(wc -c < ${counter})" -ge ${at} ]; then kill -9 0; fi
exec ${real} "$@"
`,
    );
    await chmod(file, 0o755);
  }
  return new LocalHost("sh", { PATH: `${directory}:${process.env.PATH}` });
}

/** How many commands that change files were begun. */
export const commandsOf = async (directory: string): Promise<number> =>
  (await readFile(join(directory, "count"))).length;
