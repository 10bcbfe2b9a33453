import { type Done, entries } from "./entries";
import type { Noted } from "./journal";

type Method = Done<"check">["method"];

/** Why steps of one method do not go on with an incident of the other one. */
export const otherMethod = (begun: Method): string =>
  `this incident was begun with method: ${begun}. Set that again to go on with it, or roll it back and give a new incident name.`;

/**
 * For the first step of a method that touches data: the check that refuses the other one may have been left out of the run.
 *
 * @throws when the incident was begun with the other method.
 */
export function requireMethod(journal: Noted, method: Method): void {
  const begun = entries.check.done(journal)?.method;
  if (begun !== undefined && begun !== method) throw new Error(otherMethod(begun));
}
