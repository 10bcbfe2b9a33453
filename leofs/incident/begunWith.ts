import { type Done, entries } from "./entries";
import { hasReached, isReplaced } from "./incident";
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

const WHOLE_RUN =
  "Nothing was changed. Run pulumi up again, with every resource (without --exclude and --target).";

/**
 * For a step that fills a manager's directory: the step before, which keeps what is in it, may have failed and been left out of
 * the run.
 *
 * @param label of its host
 * @throws when a recovery is under way, and has not kept and moved aside what that manager has.
 */
export function requireCleared(journal: Noted, node: string, label: string): void {
  const cleared = isReplaced({ journal, node }) || entries.replica(node).isDone(journal);
  if (cleared || !entries.check.isDone(journal)) return;
  throw new Error(`${label}: the files of ${node} were not backed up and moved aside yet. ${WHOLE_RUN}`);
}

/**
 * For the proof: the step before, which gives a manager its data, may have failed and been left out of the run. Two managers that
 * lack the same rows are equal.
 *
 * @throws when a recovery is under way, and has not given the pair its data.
 */
export function requireData(journals: readonly Noted[], nodes: readonly string[]): void {
  const checked = journals.some((journal) => entries.check.isDone(journal));
  if (!checked || hasReached(journals, "has its data")) return;
  throw new Error(`${nodes.join(" and ")} were not given all of their data yet. ${WHOLE_RUN}`);
}
