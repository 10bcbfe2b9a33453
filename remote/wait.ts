import type { Clock } from "./clock";
import { timed } from "./timeline";

/** Told what is done now, or waited for: the progress of a step, one line. */
export type Report = (line: string) => void;

/** What a look at the world showed: done with a value, or not yet and why. */
export type Look<T> = { done: T } | { waiting: string };

/** A bounded, named wait that did not end well. */
export class WaitedTooLong extends Error {
  override name = "WaitedTooLong";
}

/**
 * Looks again and again until the evidence is there.
 *
 * @param clock whose time is waited
 * @param what named in the error, for example "both managers to hold every table on disc"
 * @param limitSeconds after which the wait is given up with the last thing seen
 * @param look called every 200 ms; may throw to give up at once
 * @param report told when what is waited for changes
 * @throws WaitedTooLong naming what was waited for and what was seen last
 */
export function waitFor<T>(
  clock: Clock,
  what: string,
  limitSeconds: number,
  look: () => Promise<Look<T>>,
  report: Report = () => {},
): Promise<T> {
  return timed("waits", what, () => lookUntil(clock, what, limitSeconds, look, report));
}

async function lookUntil<T>(
  clock: Clock,
  what: string,
  limitSeconds: number,
  look: () => Promise<Look<T>>,
  report: Report,
): Promise<T> {
  const started = clock.now();
  let last = "";
  for (;;) {
    const seen = await look();
    if ("done" in seen) return seen.done;
    if (seen.waiting !== last) report(`${seen.waiting} (at most ${limitSeconds} s)`);
    last = seen.waiting;
    if (clock.now() - started > limitSeconds * 1000)
      throw new WaitedTooLong(`waited ${limitSeconds} s for ${what}; last seen: ${last}`);
    await clock.pause(200);
  }
}
