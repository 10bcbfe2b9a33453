import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import * as path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** Who holds a lock: enough to tell a process from a later one that got the same pid. */
interface Owner {
  host: string;
  pid: number;
  /** Start time in clock ticks since boot, with the boot's id; empty where there is no /proc. */
  started: string;
  /** Milliseconds since 1970. */
  since: number;
}

/** A lock from another machine (shared home directory) cannot be checked; it counts as left behind after this. */
const FOREIGN_LOCK_MS = 30 * 60_000;
const POLL_MS = 300;

/**
 * Runs `work` while holding the lock file; waits as long as a live process holds it, takes over what a dead one left.
 * @param onWait called once with the owner's pid when there is somebody to wait for.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: (pid: number) => void = () => {},
): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  const mine = JSON.stringify(thisProcess());
  let told = false;
  while (!(await take(file, mine))) {
    const held = await readFile(file, "utf8").catch(() => undefined);
    if (held === undefined) continue;
    const owner = parse(held);
    if (!owner || isGone(owner)) {
      await removeStale(file, held);
      continue;
    }
    if (!told) onWait(owner.pid);
    told = true;
    await wait(POLL_MS);
  }
  try {
    return await work();
  } finally {
    if ((await readFile(file, "utf8").catch(() => undefined)) === mine) await rm(file, { force: true });
  }
}

// `link` makes the lock appear with its content: a reader never sees an empty one.
async function take(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, content);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

// Two waiters may both find the lock stale; the second must not remove what the first has just taken.
async function removeStale(file: string, seen: string): Promise<void> {
  const aside = `${file}.stale.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, "utf8")) !== seen) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

function thisProcess(): Owner & { nonce: string } {
  return {
    host: hostname(),
    pid: process.pid,
    started: startOf(process.pid) ?? "",
    since: Date.now(),
    nonce: randomBytes(4).toString("hex"),
  };
}

function parse(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "pid" in value && "host" in value)
      return value as Owner;
  } catch {
    // Not ours: treated as left behind.
  }
  return undefined;
}

function isGone(owner: Owner): boolean {
  if (owner.host !== hostname()) return Date.now() - owner.since > FOREIGN_LOCK_MS;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const started = startOf(owner.pid);
  return owner.started !== "" && started !== undefined && started !== owner.started;
}

function startOf(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    // The command name, in brackets, may hold spaces: count from its end. Field 22 of the line is the start time.
    return `${boot} ${fields.slice(fields.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return undefined;
  }
}
