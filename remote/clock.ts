import { setTimeout as pause } from "node:timers/promises";

/** The time that whoever works on hosts goes by. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. For limits. */
  now(): number;
  /** The moment, for what is noted (ISO 8601). */
  stamp(): string;
  /** Waits. */
  pause(milliseconds: number): Promise<void>;
  /** Over once time is up; does not keep the program alive when nothing else is left to do. */
  limit(milliseconds: number): Promise<void>;
}

/** The time of this machine. */
export const machineClock: Clock = {
  now: () => performance.now(),
  stamp: () => new Date().toISOString(),
  pause: (milliseconds) => pause(milliseconds),
  limit: (milliseconds) => pause(milliseconds, undefined, { ref: false }),
};
