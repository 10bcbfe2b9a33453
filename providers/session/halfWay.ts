import type { ManagerView } from "../../leofs/checks/view";
import { entries } from "../../leofs/incident/entries";
import { hasDataBack, isUnfinished } from "../../leofs/incident/incident";
import type { Noted } from "../../leofs/incident/journal";
import { isServing } from "../../leofs/manager/ready";
import { FIRST_TABLES } from "../../leofs/mnesia/tables";
import { type Common, incidentDirectory, type ManagerTarget } from "../targets/arguments";
import type { Seen } from "./looks";
import type { Session } from "./session";

/**
 * What whoever looks at a pair, or forgets its stack, must know when its recovery was begun and is neither proven nor
 * rolled back: who serves, what is cleared, how it goes on. Undefined: nothing was begun, or all is over.
 */
export async function halfWay(
  session: Session,
  managers: readonly [ManagerTarget, ManagerTarget],
  common: Common,
): Promise<string | undefined> {
  const seen = await Promise.all(managers.map((target) => session.glance(target, common)));
  const journals = seen.flatMap((one) => ("problem" in one ? [] : [one.seen.journal]));
  if (!isUnfinished(journals)) return undefined;
  const states = seen.map((one, index) => stateOf(managers[index as 0 | 1], one, journals));
  // A host that did not answer may serve: nothing is claimed of it.
  const nobody = seen.every((one) => "seen" in one && !servesUsers(one.seen));
  const directories = managers.map((target) => incidentDirectory(target, common));
  return (
    `HALF-WAY: the recovery of incident ${common.incident} was begun and is not over. ` +
    `${nobody ? "NO MANAGER SERVES: users, buckets and nodes cannot be managed until it is over (S3 goes on). " : ""}` +
    `${states.join("; ")}. Go on: pulumi up with incident ${common.incident}. Go back: the same with rollback: true. ` +
    `Both also work without this stack's state: what was done is noted, and every backup kept, in ${[...new Set(directories)].join(" and ")} on the managers' hosts.`
  );
}

/** Users do not wait for the tables that LeoFS makes last. */
const servesUsers = ({ evidence }: ManagerView): boolean => isServing(evidence, FIRST_TABLES);

function stateOf({ node }: ManagerTarget, one: Seen<ManagerView>, journals: readonly Noted[]): string {
  if ("problem" in one) return `${node} was not seen: ${one.problem}`;
  const { manager, journal, mnesia } = one.seen;
  const moved = entries.clear(node).done(journal)?.aside;
  if (servesUsers(one.seen)) {
    if (!moved || hasDataBack(node, journals)) return `${node} serves`;
    return journals.some((journal) => entries.load.isBegun(journal))
      ? `${node} serves; the load of the data was begun, and that all of it is back was not seen yet`
      : `${node} serves new tables, without the data: it is not put back yet`;
  }
  const state = manager.facts.beams.length > 0 ? "runs and does not serve" : "is down";
  const cleared = mnesia.files.length === 0 && moved;
  return `${node} ${state}${cleared ? `, its Mnesia directory is cleared (moved to ${moved})` : ""}`;
}
