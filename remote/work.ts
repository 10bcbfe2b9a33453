import { randomUUID } from "node:crypto";
import { RemoteError } from "./errors";

/** Name of this process among all that ever work on a host: of its locks and its shells. */
export const RUN = randomUUID();

/** How a shell of a run shows in the process list of its host: `sh -s leofs-recovery.RUN`. */
export const markOf = (run: string): string => `leofs-recovery.${run}`;

interface Work {
  host: string;
  ended: Promise<void>;
  /** Ends it early, where that is done at all. */
  giveUp: (() => void) | undefined;
}

const underWay = new Set<Work>();
/** Hosts on which something was begun whose end nobody saw. */
const unseen = new Set<string>();
let leaving: string | undefined;

/** Throws when this process is leaving its hosts and begins nothing more on them. */
export function refuseWhenLeaving(host: string): void {
  if (leaving === undefined) return;
  throw new RemoteError("closed", host, `${leaving}: nothing more is begun on ${host}.`);
}

/**
 * Notes that something runs on a host.
 *
 * @param giveUp ends it early when the hosts are left; default: it is waited for
 * @returns to be called at its end, with whether that end was seen
 */
export function noteWork(host: string, giveUp?: () => void): (seen: boolean) => void {
  let settle = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const work = { host, ended, giveUp };
  underWay.add(work);
  return (seen) => {
    if (!underWay.delete(work)) return;
    if (!seen) unseen.add(host);
    settle();
  };
}

/**
 * Leaves every host in order: nothing more is begun, a script that runs comes to its end or to its limit (half a change
 * would be worse), a stream of bytes is given up.
 *
 * @param why the beginning of the error that everybody gets who wants to begin something
 * @returns labels of the hosts where something may still run: its end was not seen
 */
export async function leaveHosts(why: string): Promise<ReadonlySet<string>> {
  leaving ??= why;
  while (underWay.size > 0) {
    const now = [...underWay];
    for (const { giveUp } of now) giveUp?.();
    await Promise.all(now.map(({ ended }) => ended));
  }
  return unseen;
}
