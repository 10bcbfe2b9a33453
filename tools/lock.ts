import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { lock } from "proper-lockfile";

/** A holder that gave no sign of life for so long is gone. */
const STALE_MS = 20_000;
const POLL_MS = 300;

/**
 * Runs `work` while holding the lock; waits as long as a living process holds it, takes over what a killed one left.
 *
 * @param file where the lock is made
 * @param onWait called once when there is somebody to wait for
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: () => void = () => undefined,
): Promise<T> {
  const release = await holdLock(file, onWait);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Takes the lock as `withLock` does, and returns what gives it back. */
export async function holdLock(
  file: string,
  onWait: () => void = () => undefined,
): Promise<() => Promise<void>> {
  await mkdir(dirname(file), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      return await lock(file, { lockfilePath: file, realpath: false, stale: STALE_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      if (!told) onWait();
      await wait(POLL_MS);
    }
  }
}
