import { randomUUID } from "node:crypto";
import { acquireLock, type Lock } from "../remote/lock";
import { type Common, incidentDirectory, type ManagerTarget } from "./arguments";
import type { Progress } from "./progress";
import { siteOf } from "./session";

/** One run of the provider host, which serves all resources of one `up`. */
const RUN = randomUUID();

/** A holder silent for this long, by the host's own clock, is gone; the same incident may then go on. */
const STALE_AFTER_MS = 30_000;

const held = new Map<string, Lock>();

/** The lock of a manager: in its home, so that stacks with other backup directories meet it too. */
export const lockPathOf = (target: ManagerTarget): string => `${target.home}/work/leofs-recovery.lock`;

const keyOf = (target: ManagerTarget): string => JSON.stringify([target.connection.host, lockPathOf(target)]);

/**
 * Takes the lock on both managers' hosts, in the order of their names, for the rest of this run. Free for one
 * recovery at a time; a run of the same incident that died is followed up.
 *
 * @throws LockedError with who holds it, from where, since when, and how to break it.
 */
export async function holdLock(
  targets: readonly ManagerTarget[],
  common: Common,
  progress: Progress,
): Promise<void> {
  const ordered = [...targets].sort((a, b) => (a.node < b.node ? -1 : 1));
  for (const target of ordered) {
    const key = keyOf(target);
    if (held.has(key)) {
      await held.get(key)!.verify();
      continue;
    }
    progress.step(`locking ${target.node} for incident ${common.incident}`);
    const site = await siteOf(target, common);
    const owner = {
      incident: `${common.cluster}/${common.incident}`,
      run: RUN,
      stack: incidentDirectory(target, common),
    };
    const options = { as: site.as, staleAfterMs: STALE_AFTER_MS };
    held.set(key, await acquireLock(site.host, lockPathOf(target), owner, options));
  }
}

/** Gives the locks back: the recovery of these managers is proven. */
export async function releaseLock(targets: readonly ManagerTarget[]): Promise<void> {
  for (const target of targets) {
    const lock = held.get(keyOf(target));
    held.delete(keyOf(target));
    await lock?.release();
  }
}
