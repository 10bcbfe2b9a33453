import { WaitedTooLong } from "../../remote/wait";
import type { ManagerEvidence } from "../manager/evidence";
import { lacking } from "../manager/ready";
import { FIRST_TABLES, LATE_TABLES } from "../mnesia/tables";

/** What begins a takeover's load again, from the pair on. */
export const beginAgain = (file: string): string =>
  `Stop both managers, move their Mnesia directories aside, start the master, then the slave, and run pulumi up again: it loads ${file} again. What users wrote since the pair was started is in the directories that were moved.`;

/**
 * Whether LeoFS will not make its late tables any more: it makes them only when a pair forms, and a manager that was restarted
 * before that never does. A manager that does not answer, or waits for its partner, says nothing of that.
 *
 * @param seen what both managers say of themselves after the wait
 */
const areNeverMade = (seen: readonly (ManagerEvidence | undefined)[], nodes: readonly string[]): boolean =>
  seen.every((one) => !lacking(one, nodes, FIRST_TABLES)) &&
  seen.some((one) => LATE_TABLES.some((name) => !one?.tables.has(name)));

/** Why a wait for the late tables ended: what it says itself or, when that is it, that they are never made. */
export function whyNotMade(
  error: unknown,
  seen: readonly (ManagerEvidence | undefined)[],
  nodes: readonly string[],
  file: string,
): unknown {
  if (!(error instanceof WaitedTooLong) || !areNeverMade(seen, nodes)) return error;
  return new Error(
    `LeoFS did not make its last tables (${LATE_TABLES.join(", ")}) on both managers: one of them was restarted while the pair formed. What users have is loaded and served. ${beginAgain(file)} (${error.message})`,
  );
}
