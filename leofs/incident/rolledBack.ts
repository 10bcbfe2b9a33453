import type { Journal } from "./journal";

/** Journal entry of a rollback: begun, the incident's recovery is over. */
export const ROLLBACK_STEP = "rollback";

/**
 * Ends a step of a recovery whose incident is rolled back, or about to be.
 *
 * @throws when the journal of the step's host says so.
 */
export function refuseRolledBack({ begun, done }: Journal, incident: string): void {
  if (!begun.has(ROLLBACK_STEP)) return;
  const how = done.has(ROLLBACK_STEP)
    ? "was rolled back"
    : "is being rolled back (rollback: true finishes that)";
  throw new Error(
    `the incident ${incident} ${how}: its recovery does not go on. Give a new incident name to recover again.`,
  );
}
