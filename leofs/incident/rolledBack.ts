import { entries, type Noted } from "./entries";

/**
 * Ends a step of a recovery whose incident is rolled back, or about to be.
 *
 * @throws when the journal of the step's host says so.
 */
export function refuseRolledBack(journal: Noted, incident: string): void {
  if (!entries.rollback.isBegun(journal)) return;
  const how = entries.rollback.isDone(journal)
    ? "was rolled back"
    : "is being rolled back (rollback: true finishes that)";
  throw new Error(
    `the incident ${incident} ${how}: its recovery does not go on. Give a new incident name to recover again.`,
  );
}
