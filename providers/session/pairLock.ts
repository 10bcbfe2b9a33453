import { endForGood, unfinishedOn } from "../../leofs/incident/unfinished";
import type { Manager } from "../../leofs/manager/manager";
import { identityOf } from "../../remote/connection";
import { whatIs } from "../../remote/files";
import type { LockOptions } from "../../remote/lock/heldLock";
import { allLocked, LockedError } from "../../remote/lock/lock";
import type { LockOwner } from "../../remote/lock/lockOwner";
import { RUN } from "../../remote/work";
import type { Progress } from "../contract/progress";
import { type Common, incidentDirectory, lockIncident, type ManagerTarget } from "../targets/arguments";
import type { ManagerLock, Session } from "./session";

/** A holder silent for this long, by the host's own clock, is gone; the same incident may then go on. */
const STALE_AFTER_MS = 30_000;

/** The lock of a manager: in its home, so that stacks with other backup directories meet it too. */
export const lockPathOf = (target: ManagerTarget): string => `${target.home}/work/leofs-recovery.lock`;

const keyOf = (target: ManagerTarget): string =>
  JSON.stringify([identityOf(target.connection), lockPathOf(target)]);

const ownerOf = (target: ManagerTarget, common: Common): LockOwner => ({
  incident: lockIncident(common),
  run: RUN,
  directory: incidentDirectory(target, common),
  ...(common.stack !== undefined && { stack: common.stack }),
});

const lockOptionsOf = (manager: Manager): LockOptions => ({
  as: manager.as,
  staleAfterMs: STALE_AFTER_MS,
  unfinished: ({ directory }) =>
    directory
      ? unfinishedOn({ ...manager.place, directory })
      : Promise.resolve("it is not known what it did"),
});

const lockedAt = (session: Session, manager: Manager, target: ManagerTarget, common: Common) =>
  session.surroundings.lockedBy(
    manager.host,
    lockPathOf(target),
    ownerOf(target, common),
    lockOptionsOf(manager),
  );

/** What keeps this incident from working on a pair; undefined: nothing. Read-only, for plans and refusals. */
export async function pairLockedByOthers(
  session: Session,
  managers: readonly [Manager, Manager],
  targets: readonly [ManagerTarget, ManagerTarget],
  common: Common,
): Promise<LockedError | undefined> {
  const looks = managers.map((manager, index) => lockedAt(session, manager, targets[index as 0 | 1], common));
  return allLocked((await Promise.all(looks)).filter((locked) => locked !== undefined));
}

/**
 * Takes the lock on the managers' hosts, in the order of their names, for the rest of this run. Free for one
 * recovery at a time; a run of the same incident that died is followed up, and so is one of another incident that had
 * changed nothing yet.
 *
 * @param managers the managers of these targets where they were looked at before; default: looked at now
 * @throws LockedError with who holds it, from where, since when, and how to break it.
 */
export async function holdLock(
  session: Session,
  targets: readonly ManagerTarget[],
  common: Common,
  progress: Progress,
  managers: readonly Manager[] = [],
): Promise<void> {
  const ordered = [...targets].sort((a, b) => (a.node < b.node ? -1 : 1));
  const taken: ManagerTarget[] = [];
  try {
    for (const target of ordered) {
      const sharing = session.locks.get(keyOf(target));
      if (sharing) await verified(await sharing, target, common);
      else {
        progress.step(`locking ${target.node} for incident ${common.incident}`);
        await take(session, target, common, managers[targets.indexOf(target)]);
        taken.push(target);
      }
    }
  } catch (error) {
    // Half a lock would keep others off a pair that nobody works on.
    await abandonLock(session, taken);
    throw error instanceof LockedError ? await lockedAtAll(session, ordered, common, error) : error;
  }
  for (const target of taken) await endPredecessors(session, target, common);
}

/** A lock that this run holds is that of this incident, and still there. */
async function verified(
  { lock, incident }: ManagerLock,
  { node }: ManagerTarget,
  common: Common,
): Promise<void> {
  if (incident !== lockIncident(common))
    throw new Error(
      `${node} is worked on for ${incident} in this very run, so nothing was done to it for ${lockIncident(common)}: the settings name one manager in two clusters. Take one of the two clusters out, or set its managers right, then run pulumi up again.`,
    );
  await lock.verify();
}

/** What locks this pair on any of its hosts; `first`: where a lock was met. */
async function lockedAtAll(
  session: Session,
  targets: readonly ManagerTarget[],
  common: Common,
  first: LockedError,
): Promise<LockedError> {
  const looks = targets.map(async (target) => {
    if (first.places.some(({ path }) => path === lockPathOf(target))) return first;
    // The refusal stands whatever the other host says, or cannot say.
    const manager = await session.managerOf(target, common).catch(() => undefined);
    return manager && lockedAt(session, manager, target, common);
  });
  return allLocked((await Promise.all(looks)).filter((locked) => locked !== undefined)) ?? first;
}

/** Ends the incidents whose locks were taken over although they were others: they had changed nothing. */
async function endPredecessors(session: Session, target: ManagerTarget, common: Common): Promise<void> {
  const { lock, manager } = await session.locks.get(keyOf(target))!;
  const others = lock.gone.filter(({ incident }) => incident !== lockIncident(common));
  for (const directory of new Set(others.flatMap((one) => one.directory ?? [])))
    await endForGood({ ...manager.place, directory }, common.incident);
}

async function take(
  session: Session,
  target: ManagerTarget,
  common: Common,
  seen: Manager | undefined,
): Promise<void> {
  const key = keyOf(target);
  const taking = (async () => {
    const manager = seen ?? (await session.managerOf(target, common));
    const owner = ownerOf(target, common);
    return {
      incident: lockIncident(common),
      manager,
      lock: await session.surroundings.acquireLock(
        manager.host,
        lockPathOf(target),
        owner,
        lockOptionsOf(manager),
      ),
    };
  })();
  session.locks.set(key, taking);
  try {
    await taking;
  } catch (error) {
    if (session.locks.get(key) === taking) session.locks.delete(key);
    throw error;
  }
}

/** Whether a resource of this run has taken the lock of a manager. One that is taking it is waited for. */
export const holdsLock = async (session: Session, target: ManagerTarget): Promise<boolean> =>
  (await session.locks.get(keyOf(target))?.catch(() => undefined)) !== undefined;

/** Gives the locks back: the recovery of these managers is proven. */
export async function releaseLock(session: Session, targets: readonly ManagerTarget[]): Promise<void> {
  for (const target of targets) {
    const lock = session.locks.get(keyOf(target));
    session.locks.delete(keyOf(target));
    await (await lock)?.lock.release();
  }
}

/** Gives the locks back before the recovery of these managers is over. What keeps one from it, a host that is gone, is no reason to fail. */
export async function abandonLock(session: Session, targets: readonly ManagerTarget[]): Promise<void> {
  for (const target of targets) {
    const holding = session.locks.get(keyOf(target));
    session.locks.delete(keyOf(target));
    await holding?.then(leave).catch(() => undefined);
  }
}

/**
 * Gives a lock back whose incident may be half-way: where anything is noted of it, as a holder that is gone, so that its
 * journal decides whether another incident is let in.
 */
async function leave({ lock, manager: { host, as, place } }: ManagerLock): Promise<void> {
  const journal = await whatIs(host, `${place.directory}/journal`, { as, atTheEnd: true });
  await (journal === "nothing" ? lock.release() : lock.abandon());
}

/** Longest that a service step runs: a stop and a start, each with its limit. */
const SERVICE_STEP_MS = 90_000;

/**
 * Gives back every lock of this run when it ends before the recovery does. Kept as it is: one on a host where a script may
 * still run; who follows waits for that script.
 *
 * @param unseen labels of hosts where the end of a script was not seen
 */
export async function leaveLocks(session: Session, unseen: ReadonlySet<string>): Promise<void> {
  const leaving = [...session.locks.values()].map(async (holding) => {
    const held = await holding;
    if (!unseen.has(held.manager.host.label) && (await held.lock.quiet(SERVICE_STEP_MS))) await leave(held);
  });
  session.locks.clear();
  // A host that cannot be asked now keeps its lock; nobody is left to be told.
  await Promise.allSettled(leaving);
}
