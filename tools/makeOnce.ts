import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { withLock } from "./lock";

const STAGING = ".staging-";

/**
 * Makes a directory once a machine. It appears by one rename, complete, or not at all; of several processes that
 * want it, one makes it and the others wait.
 * @param target the directory wanted. If it exists nothing is done.
 * @param make fills the empty directory it is given (on the same file system as `target`). When it throws, the
 *   directory is removed and the error passed on.
 */
export async function makeOnce(
  target: string,
  make: (staging: string) => Promise<void>,
  onWait?: () => void,
): Promise<void> {
  if (existsSync(target)) return;
  const parent = path.dirname(target);
  await mkdir(parent, { recursive: true });
  const prefix = `${STAGING}${path.basename(target)}-`;
  await withLock(
    `${target}.lock`,
    async () => {
      if (existsSync(target)) return;
      await removeLeftovers(parent, prefix);
      const staging = await mkdtemp(path.join(parent, prefix));
      try {
        await make(staging);
        await rename(staging, target);
      } finally {
        await rm(staging, { recursive: true, force: true });
      }
    },
    onWait,
  );
}

// Called under the lock, so a staging directory found here belongs to a run that was killed.
async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent))
    if (name.startsWith(prefix)) await rm(path.join(parent, name), { recursive: true, force: true });
}
