import { isReadyToStart } from "../../leofs/incident/incident";
import type { Common, ManagerTarget } from "../targets/arguments";
import type { Session } from "./session";

/** Whether both managers run, started by this incident: after what it does to their files while they are stopped. */
export async function startedPair(
  session: Session,
  managers: readonly ManagerTarget[],
  common: Common,
): Promise<boolean> {
  const looks = await Promise.all(managers.map((target) => session.glance(target, common)));
  const seen = looks.flatMap((look) => ("seen" in look ? [look.seen] : []));
  if (!managers.every((_, index) => seen[index] && seen[index].manager.facts.beams.length > 0)) return false;
  return isReadyToStart(seen.map(({ journal, manager }) => ({ journal, node: manager.spec.node })));
}
