import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { paths } from "./layout";

/** Managers that one sandbox may ever have, spares included. epmd listens on at most 16 addresses. */
export const managerLimit = 6;
const storageAddresses = 5;
const gatewayAddresses = 2;
const claims = "/tmp";

/** A sandbox's own loopback addresses and epmd port, all derived from its index. */
export const addressing = {
  epmdPort: (index: number) => 24300 + index,
  manager: (index: number, number: number) => `127.77.${index}.${11 + number}`,
  storage: (index: number, number: number) => `127.77.${index}.${31 + (number % storageAddresses)}`,
  gateway: (index: number, number: number) => `127.77.${index}.${61 + (number % gatewayAddresses)}`,
  /** Every address that a node of the sandbox may get, now or later. */
  all: (index: number): string[] => [
    ...Array.from({ length: managerLimit }, (_, n) => addressing.manager(index, n)),
    ...Array.from({ length: storageAddresses }, (_, n) => addressing.storage(index, n)),
    ...Array.from({ length: gatewayAddresses }, (_, n) => addressing.gateway(index, n)),
  ],
};

const claimFile = (index: number) => join(claims, `leofs-sandbox-${index}.claim`);

/** Whether something accepts connections there. Loopback only, so a second is long. */
export function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 1_000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

/** Whether a process with this id is there. Another user's process counts. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

interface Claim {
  directory: string;
  pid: number;
}

function readClaim(index: number): Claim | undefined {
  try {
    return JSON.parse(readFileSync(claimFile(index), "utf8")) as Claim;
  } catch {
    return undefined;
  }
}

/**
 * Not a lock of a library: it outlives the process that takes it.
 *
 * A claim holds while the `up` that made it runs, and as long as its sandbox's description names that index.
 */
function holds(claim: Claim, index: number): boolean {
  if (lives(claim.pid)) return true;
  try {
    const description = JSON.parse(readFileSync(paths.description(claim.directory), "utf8")) as {
      index?: number;
    };
    return description.index === index;
  } catch {
    return false;
  }
}

function tryClaim(index: number, directory: string): boolean {
  try {
    writeFileSync(claimFile(index), JSON.stringify({ directory, pid: process.pid }), {
      flag: "wx",
      mode: 0o644,
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Takes a stale claim away, but never one that somebody made in the meantime. False when it is not ours to take. */
function removeStale(index: number, stale: Claim): boolean {
  const aside = `${claimFile(index)}.${process.pid}`;
  try {
    renameSync(claimFile(index), aside);
    const moved = JSON.parse(readFileSync(aside, "utf8")) as Claim;
    const same = moved.directory === stale.directory && moved.pid === stale.pid;
    if (!same) linkSync(aside, claimFile(index));
    return same;
  } catch {
    return false; // Another user's file, or somebody else was faster.
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * Claims an index that no other sandbox of this machine uses, and returns it. The claim is a file made exclusively;
 * one left behind by a sandbox that is gone is taken over. A port where something listens is passed over, whoever
 * it belongs to. `preferred` is tried first: the index that this directory had before.
 */
export async function claimIndex(directory: string, preferred?: number): Promise<number> {
  const order = Array.from({ length: 250 }, (_, position) => position + 1);
  if (preferred !== undefined) order.unshift(preferred);
  for (const index of order) {
    const claim = readClaim(index);
    if (claim?.directory === directory && index === preferred) return index;
    if (await listens("127.0.0.1", addressing.epmdPort(index))) continue;
    if (claim !== undefined && !(!holds(claim, index) && removeStale(index, claim))) continue;
    if (tryClaim(index, directory)) return index;
  }
  throw new Error(
    `all 250 sandboxes that fit on this machine are claimed: see ${claims}/leofs-sandbox-*.claim`,
  );
}

/** Gives the index back, if it is this directory's. */
export function releaseIndex(index: number, directory: string): void {
  if (readClaim(index)?.directory === directory) rmSync(claimFile(index), { force: true });
}
