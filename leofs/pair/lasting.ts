import type { Clock } from "../../remote/clock";
import { OWN_ROWS_SECONDS } from "./compare";

/**
 * Looks up to five times as long as there is a difference, and for 20 s as long as one is `slow`; keeps what every look
 * found: a write that falls between the looks at two managers makes them differ for a moment.
 */
export async function lasting<T>(
  clock: Clock,
  look: () => Promise<T>,
  differs: (seen: T) => boolean,
  both: (earlier: T, now: T) => T,
  slow: (seen: T) => boolean = () => false,
): Promise<T> {
  const started = clock.now();
  let seen: T = await look();
  const patient = () => slow(seen) && clock.now() - started < OWN_ROWS_SECONDS * 1000;
  for (let more = 4; differs(seen) && (more > 0 || patient()); more -= 1) {
    await clock.pause(500);
    seen = both(seen, await look());
  }
  return seen;
}
