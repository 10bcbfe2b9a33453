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
  const taken: ManagerTarget[] = [];
  try {
    for (const target of ordered)
      if (held.has(keyOf(target))) await held.get(keyOf(target))!.verify();
      else {
        progress.step(`locking ${target.node} for incident ${common.incident}`);
        held.set(keyOf(target), await takeLock(target, common));
        taken.push(target);
      }
  } catch (error) {
    // Half a lock would keep others off a pair that nobody works on.
    await releaseLock(taken).catch(() => undefined);
    throw error;
  }
}

async function takeLock(target: ManagerTarget, common: Common): Promise<Lock> {
  const site = await siteOf(target, common);
  const owner = {
    incident: `${common.cluster}/${common.incident}`,
    run: RUN,
    stack: incidentDirectory(target, common),
  };
  return acquireLock(site.host, lockPathOf(target), owner, { as: site.as, staleAfterMs: STALE_AFTER_MS });
}

/** Gives the locks back: the recovery of these managers is proven. */
export async function releaseLock(targets: readonly ManagerTarget[]): Promise<void> {
  for (const target of targets) {
    const lock = held.get(keyOf(target));
    held.delete(keyOf(target));
    await lock?.release();
  }
}
