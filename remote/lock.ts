import { pause } from "./deadline";
import type { Host, RunOptions } from "./host";
import { type LockFile, LockFiles } from "./lockFiles";
import { describeHolder, type LockHolder, type LockOwner, newLockId, processGone } from "./lockOwner";

/** How a lock is kept. */
export interface LockOptions {
  /** A holder without a sign of life for this long, by the host's clock, is taken for gone. Default 60,000. */
  staleAfterMs?: number;
  /** Time between signs of life. Default 5,000. */
  refreshMs?: number;
  /** User on the host who owns the lock file. Default the login user. */
  as?: string;
  /** Limit for each step on the host. Default 30,000 ms. */
  timeoutMs?: number;
  /** Called once when somebody else is found to hold the lock. */
  onLost?: (error: Error) => void;
}

/** Somebody else holds the lock. */
export class LockedError extends Error {
  override readonly name = "LockedError";

  constructor(
    /** Label of the host. */
    readonly host: string,
    /** The lock file: removing it breaks the lock. */
    readonly path: string,
    /** Undefined when the lock file cannot be read. */
    readonly holder: LockHolder | undefined,
    ageMs: number,
  ) {
    super(lockedMessage(host, path, holder, ageMs));
  }
}

/** A lock that is held. */
export interface Lock {
  /** Throws when the lock is no longer this holder's; to be called before a step that must not happen twice. */
  verify(): Promise<void>;
  /** Gives back; harmless when called twice or when the lock was lost. The last of several users frees it. */
  release(): Promise<void>;
}

const STALE_AFTER_MS = 60_000;

/** How often a lost race is run again; each round somebody else made progress. */
const ROUNDS = 20;

/**
 * Takes the lock `path` on a host, for one recovery at a time a pair, whoever runs it.
 *
 * Taken over are a lock that the same run holds, and one whose holder worked on the same incident and is
 * provably gone: its process on this machine ended, or it gave no sign of life for `staleAfterMs` by the
 * host's own clock. Anything else is a `LockedError`. Of several that try at once exactly one succeeds.
 */
export async function acquireLock(
  host: Host,
  path: string,
  owner: LockOwner,
  options: LockOptions = {},
): Promise<Lock> {
  const key = JSON.stringify([host.label, path, owner.run]);
  const sharing = held.get(key) ?? takeHeld(key, host, path, owner, options);
  sharing.users += 1;
  try {
    const lock = await sharing.taking;
    let released = false;
    return {
      verify: () => lock.verify(),
      release: async () => {
        if (released) return;
        released = true;
        sharing.users -= 1;
        if (sharing.users > 0) return;
        held.delete(key);
        await lock.release();
      },
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
  options: Pick<LockOptions, "staleAfterMs" | "as" | "timeoutMs"> = {},
): Promise<LockedError | undefined> {
  const last = (await new LockFiles(host, path, runOptionsOf(options)).look()).at(-1);
  if (!last || mayTakeOver(last, describeHolder(owner), options.staleAfterMs ?? STALE_AFTER_MS))
    return undefined;
  return new LockedError(host.label, path, last.holder, last.ageMs);
}

function runOptionsOf({ as, timeoutMs = 30_000 }: Pick<LockOptions, "as" | "timeoutMs">): RunOptions {
  return as === undefined ? { timeoutMs } : { timeoutMs, as };
}

interface Sharing {
  taking: Promise<HeldLock>;
  users: number;
}

/** Locks of this process: parts of one run share one, and it is free when the last gave it back. */
const held = new Map<string, Sharing>();

function takeHeld(key: string, host: Host, path: string, owner: LockOwner, options: LockOptions): Sharing {
  const taking = take(host, path, owner, options);
  const sharing = { taking, users: 0 };
  held.set(key, sharing);
  taking.catch(() => held.delete(key));
  return sharing;
}

async function take(host: Host, path: string, owner: LockOwner, options: LockOptions): Promise<HeldLock> {
  const files = new LockFiles(host, path, runOptionsOf(options));
  const me = describeHolder(owner);
  const id = newLockId();
  let place = path;
  for (let round = 0; round < ROUNDS; round += 1) {
    const chain = await files.claim(id, me, place);
    const last = chain.at(-1);
    if (last?.id === id) return new HeldLock(host.label, files, id, last.file, options);
    if (last === undefined) place = path;
    else if (mayTakeOver(last, me, options.staleAfterMs ?? STALE_AFTER_MS))
      place = files.successorOf(last.id);
    else throw new LockedError(host.label, path, last.holder, last.ageMs);
    await pause(10 * round);
  }
  throw new Error(`The lock ${path} on ${host.label} changed hands ${ROUNDS} times meanwhile. Try again.`);
}

function mayTakeOver({ holder, ageMs, id }: LockFile, me: LockHolder, staleAfterMs: number): boolean {
  if (!holder || id === "") return false;
  if (holder.released || holder.run === me.run) return true;
  return holder.incident === me.incident && (ageMs > staleAfterMs || processGone(holder));
}

class HeldLock implements Lock {
  private readonly timer: NodeJS.Timeout;
  private lost: Error | undefined;
  private refreshing = false;

  constructor(
    private readonly label: string,
    private readonly files: LockFiles,
    private readonly id: string,
    private readonly file: string,
    private readonly options: LockOptions,
  ) {
    this.timer = setInterval(() => void this.beat(), options.refreshMs ?? 5_000);
    this.timer.unref();
  }

  async verify(): Promise<void> {
    if (!this.lost && !(await this.files.refresh(this.id, this.file))) this.lose();
    if (this.lost) throw this.lost;
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    if (!this.lost) await this.files.release(this.id, newLockId());
  }

  private async beat(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    try {
      if (!(await this.files.refresh(this.id, this.file))) this.lose();
    } catch {
      // The host cannot be asked now; whether the lock was lost shows at the next beat or step.
    } finally {
      this.refreshing = false;
    }
  }

  private lose(): void {
    clearInterval(this.timer);
    this.lost = new Error(
      `The lock ${this.files.path} on ${this.label} was taken over or removed by somebody else. ` +
        `Nothing further is done here. See who works on this pair before you try again.`,
    );
    this.options.onLost?.(this.lost);
  }
}

function lockedMessage(host: string, path: string, holder: LockHolder | undefined, ageMs: number): string {
  const age = `last sign of life ${Math.round(ageMs / 1000)} s ago`;
  if (!holder)
    return (
      `The lock ${path} on ${host} is held, but its file cannot be read (${age}). Look at it; ` +
      `if nobody works on this pair, break the lock with \`rm ${path}\` on that host and try again.`
    );
  const stack = holder.stack ? `, stack ${holder.stack}` : "";
  return (
    `Another recovery works on this pair: ${holder.who} (process ${holder.pid}${stack}), incident ${holder.incident}, ` +
    `since ${holder.since}, ${age}. Wait for it. If it is certain that it is over, break its lock with \`rm ${path}\` on ${host} and try again.`
  );
}
