import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import type { Clock } from "../clock";

/** Who takes a lock, and for what. */
export interface LockOwner {
  /** The outage being recovered from: only the same incident may continue after a run that died. */
  incident: string;
  /** Name of this run: asking again with the same one, for the same incident, is granted. */
  run: string;
  /** Directory on the host with what the run noted of its incident. */
  directory?: string;
  /** The Pulumi stack that the run is of: `organization/project/stack`. */
  stack?: string;
}

/** What a lock file says about its holder. */
export interface LockHolder extends LockOwner {
  /** `user@machine` of the operator. */
  who: string;
  /** Directory on the operator's machine in which the run works: its project. */
  from?: string;
  /** The operator's process. */
  pid: number;
  /** When that process started, as its machine counts; tells it from a later one with the same number. Absent: not known. */
  started?: string;
  /** Tells machines apart although they share a name; process numbers compare within one only. */
  machine: string;
  /** When it was taken, by the operator's clock (ISO 8601), for messages. */
  since: string;
  /** Its run has ended, and said so: what it left unfinished is why it was not given back. */
  ended?: true;
  /** Unused place of a lock that was given back. */
  released?: true;
}

/** The description of this process as a holder. */
export function describeHolder(owner: LockOwner, clock: Clock): LockHolder {
  const started = startOf(process.pid);
  return {
    ...owner,
    who: `${userName()}@${hostname()}`,
    from: process.cwd(),
    pid: process.pid,
    ...(started === undefined ? {} : { started }),
    machine: machineIdentity(),
    since: clock.stamp(),
  };
}

/** A holder from the JSON of a lock file; undefined when the text is something else. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const holder = value as Partial<LockHolder>;
    if (holder.released) return { ...EMPTY, released: true };
    const complete =
      typeof holder.incident === "string" && typeof holder.run === "string" && typeof holder.who === "string";
    return complete ? { ...EMPTY, ...holder } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the holder works, or worked, on this very machine. */
export const ofThisMachine = (holder: LockHolder): boolean => holder.machine === machineIdentity();

/** Whether the holder's process is known to have ended: it said so, or it ran on this machine and has exited. */
export function processGone(holder: LockHolder): boolean {
  if (holder.ended) return true;
  if (!ofThisMachine(holder)) return false;
  try {
    process.kill(holder.pid, 0);
    // A busy machine gives the number of a killed run to another process within seconds.
    const now = holder.started === undefined ? undefined : startOf(holder.pid);
    return now !== undefined && now !== holder.started;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** A new name for one taking of a lock. */
export function newLockId(): string {
  return randomBytes(16).toString("hex");
}

const EMPTY: LockHolder = { incident: "", run: "", who: "", pid: 0, machine: "", since: "" };

/** Differs after a reboot and between containers, where the same process number means another process. */
function machineIdentity(): string {
  const parts = [hostname(), "no boot id", "no namespace"];
  try {
    parts[1] = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
    parts[2] = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Not Linux: the name alone must do, and so must the heartbeat.
  }
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
}

/** When a process of this machine started, in ticks since its boot; undefined where that cannot be told. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "?"}`;
  }
}
