import type { Host, RunOptions } from "../host";
import { HeldLock, type Lock, type LockOptions } from "./heldLock";
import { type LockFile, LockFiles } from "./lockFiles";
import { type LockedPlace, lockedMessage } from "./lockMessage";
import { describeHolder, type LockHolder, type LockOwner, newLockId, processGone } from "./lockOwner";

/** Somebody else holds the lock. */
export class LockedError extends Error {
  override readonly name = "LockedError";

  /** @param places where the lock is held, a host each; what is said of the holder is said of the first */
  constructor(readonly places: readonly [LockedPlace, ...LockedPlace[]]) {
    super(lockedMessage(places));
  }
}

/** One error for the locks of several hosts, so that everything to remove is named at once. */
export const allLocked = (errors: readonly LockedError[]): LockedError | undefined => {
  const [first, ...rest] = errors.flatMap(({ places }) => places);
  return first && new LockedError([first, ...rest]);
};

const STALE_AFTER_MS = 60_000;

/** How often a lost race is run again; each round somebody else made progress. */
const ROUNDS = 20;

/**
 * Takes the lock `path` on a host, for one recovery at a time a pair, whoever runs it.
 *
 * Taken over are a lock that the same run holds for the same incident, and one whose holder worked on the same incident and is
 * provably gone: its process on this machine ended, or it gave no sign of life for `staleAfterMs` by the
 * host's own clock; of one that noted its work in another directory, where it left nothing unfinished. Anything else is a `LockedError`. Of several that try at once exactly one succeeds.
 */
export async function acquireLock(
  host: Host,
  path: string,
  owner: LockOwner,
  options: LockOptions = {},
): Promise<Lock> {
  const key = JSON.stringify([host.label, path, owner.run, owner.incident]);
  const sharing = held.get(key) ?? takeHeld(key, host, path, owner, options);
  sharing.users += 1;
  try {
    const lock = await sharing.taking;
    let left = false;
    const leave = async (how: "release" | "abandon") => {
      if (left) return;
      left = true;
      sharing.users -= 1;
      if (how === "abandon") sharing.how = how;
      if (sharing.users > 0) return;
      held.delete(key);
      await lock[sharing.how]();
    };
    return {
      verify: () => lock.verify(),
      quiet: (limitMs) => lock.quiet(limitMs),
      gone: lock.gone,
      release: () => leave("release"),
      abandon: () => leave("abandon"),
    };
  } catch (error) {
    sharing.users -= 1;
    throw error;
  }
}

/**
 * What `acquireLock` would be refused with now; undefined when nothing speaks against it. Read-only, for plans and
 * for refusing before anything else is said: only `acquireLock` decides.
 */
export async function lockedBy(
  host: Host,
  path: string,
  owner: LockOwner,
  options: Pick<LockOptions, "staleAfterMs" | "as" | "unfinished"> = {},
): Promise<LockedError | undefined> {
  const last = (await new LockFiles(host, path, runOptionsOf(options)).look()).at(-1);
  return last && refusal({ host: host.label, path, file: last }, describeHolder(owner, host.clock), options);
}

/** Limit for each script of a lock. */
const SCRIPT_LIMIT_MS = 30_000;

const runOptionsOf = ({ as }: Pick<LockOptions, "as">): RunOptions => ({
  timeoutMs: SCRIPT_LIMIT_MS,
  ...(as !== undefined && { as }),
});

interface Sharing {
  taking: Promise<HeldLock>;
  users: number;
  /** How the last of them leaves it. */
  how: "release" | "abandon";
}

/** Locks of this process: parts of one run share one, and it is free when the last gave it back. */
const held = new Map<string, Sharing>();

function takeHeld(key: string, host: Host, path: string, owner: LockOwner, options: LockOptions): Sharing {
  const taking = take(host, path, owner, options);
  const sharing: Sharing = { taking, users: 0, how: "release" };
  held.set(key, sharing);
  taking.catch(() => held.delete(key));
  return sharing;
}

async function take(host: Host, path: string, owner: LockOwner, options: LockOptions): Promise<HeldLock> {
  const files = new LockFiles(host, path, runOptionsOf(options));
  const me = describeHolder(owner, host.clock);
  const id = newLockId();
  let place = path;
  for (let round = 0; round < ROUNDS; round += 1) {
    const chain = await files.claim(id, me, place);
    const last = chain.at(-1);
    if (last?.id === id) return settled(new HeldLock(host, files, last, chain.slice(0, -1), options));
    if (last === undefined) place = path;
    else {
      const refused = await refusal({ host: host.label, path, file: last }, me, options);
      if (refused) throw refused;
      place = files.successorOf(last.id);
    }
    await host.clock.pause(10 * round);
  }
  throw new Error(`The lock ${path} on ${host.label} changed hands ${ROUNDS} times meanwhile. Try again.`);
}

/** Why a lock may not be taken over; undefined: it may. */
async function refusal(
  { host, path, file: { holder, ageMs, id } }: { host: string; path: string; file: LockFile },
  me: LockHolder,
  { staleAfterMs = STALE_AFTER_MS, unfinished }: Pick<LockOptions, "staleAfterMs" | "unfinished">,
): Promise<LockedError | undefined> {
  const place: LockedPlace = { host, path, holder, ageMs };
  if (!holder || id === "") return new LockedError([place]);
  if (holder.released) return undefined;
  // Two incidents of one program are two recoveries: neither may work on what the other one holds.
  if (holder.run === me.run) return holder.incident === me.incident ? undefined : new LockedError([place]);
  if (ageMs <= staleAfterMs && !processGone(holder)) return new LockedError([place]);
  // With another directory nothing would be known of what was done: it would be begun from the start.
  const elsewhere =
    holder.directory !== undefined && me.directory !== undefined && holder.directory !== me.directory;
  const same = holder.incident === me.incident;
  if (same && !(elsewhere && unfinished)) return undefined;
  if (!unfinished) return new LockedError([place]);
  const left = await unfinished(holder);
  if (left === undefined) return undefined;
  return new LockedError([{ ...place, unfinished: left, ...(same && { named: me.directory }) }]);
}

/**
 * A lock that was taken over, once the scripts of those who held it are over: a run that dies leaves what it had begun on
 * the host to come to its end.
 *
 * @throws when one is still not over. The lock stays as one of a holder that is gone.
 */
async function settled(lock: HeldLock): Promise<HeldLock> {
  try {
    await lock.awaitFormer();
    return lock;
  } catch (error) {
    lock.leave();
    throw error;
  }
}
