import { randomUUID } from "node:crypto";
import { GUARD_STEP } from "../leofs/incident/guard";
import { type Journal, readJournal } from "../leofs/incident/journal";
import type { Site } from "../leofs/manager/site";
import { acquireLock, type Lock, type LockedError, lockedBy } from "../remote/lock";
import type { LockOwner } from "../remote/lockOwner";
import { type Common, incidentDirectory, type ManagerTarget } from "./arguments";
import type { Progress } from "./progress";
import { siteOf } from "./session";

/** One run of the provider host, which serves all resources of one `up`. */
const RUN = randomUUID();

/** A holder silent for this long, by the host's own clock, is gone; the same incident may then go on. */
const STALE_AFTER_MS = 30_000;

/** Locks of this run; resources that run side by side share one. */
const held = new Map<string, Promise<Lock>>();

/** The lock of a manager: in its home, so that stacks with other backup directories meet it too. */
export const lockPathOf = (target: ManagerTarget): string => `${target.home}/work/leofs-recovery.lock`;

const keyOf = (target: ManagerTarget): string =>
  JSON.stringify([target.connection.host, target.connection.port, lockPathOf(target)]);

/** How a lock names the recovery that holds it. */
export const lockIncident = ({ cluster, incident }: Common): string => `${cluster}/${incident}`;

const ownerOf = (target: ManagerTarget, common: Common): LockOwner => ({
  incident: lockIncident(common),
  run: RUN,
  stack: incidentDirectory(target, common),
});

/** What keeps this incident from working on a pair; undefined: nothing. Read-only, for plans and refusals. */
export async function pairLockedByOthers(
  sites: readonly [Site, Site],
  targets: readonly [ManagerTarget, ManagerTarget],
  common: Common,
): Promise<LockedError | undefined> {
  const looks = sites.map((site, index) => {
    const target = targets[index as 0 | 1];
    const options = { as: site.as, staleAfterMs: STALE_AFTER_MS };
    return lockedBy(site.host, lockPathOf(target), ownerOf(target, common), options);
  });
  return (await Promise.all(looks)).find((locked) => locked !== undefined);
}

/**
 * Takes the lock on the managers' hosts, in the order of their names, for the rest of this run. Free for one
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
    for (const target of ordered) {
      const sharing = held.get(keyOf(target));
      if (sharing) await (await sharing).verify();
      else {
        progress.step(`locking ${target.node} for incident ${common.incident}`);
        await take(target, common);
        taken.push(target);
      }
    }
  } catch (error) {
    // Half a lock would keep others off a pair that nobody works on.
    await releaseLock(taken).catch(() => undefined);
    throw error;
  }
}

async function take(target: ManagerTarget, common: Common): Promise<void> {
  const key = keyOf(target);
  const taking = (async () => {
    const site = await siteOf(target, common);
    const options = { as: site.as, staleAfterMs: STALE_AFTER_MS };
    return acquireLock(site.host, lockPathOf(target), ownerOf(target, common), options);
  })();
  held.set(key, taking);
  try {
    await taking;
  } catch (error) {
    if (held.get(key) === taking) held.delete(key);
    throw error;
  }
}

/**
 * Takes the lock of one manager where a recovery is under way, for a step that an earlier run's guard was passed for:
 * an `up` that resumes does not pass the guard again. Nothing for a resource that is used on its own.
 *
 * @returns the journal that says so.
 */
export async function keepLock(
  site: Site,
  target: ManagerTarget,
  common: Common,
  progress: Progress,
): Promise<Journal> {
  const journal = await readJournal(site.place);
  if (journal.done.has(GUARD_STEP) && !journal.done.has("proven")) await holdLock([target], common, progress);
  return journal;
}

/** Gives the locks back: the recovery of these managers is proven. */
export async function releaseLock(targets: readonly ManagerTarget[]): Promise<void> {
  for (const target of targets) {
    const lock = held.get(keyOf(target));
    held.delete(keyOf(target));
    await (await lock)?.release();
  }
}
