import { clearStep } from "../leofs/incident/backups/fileBackup";
import { restoreStep } from "../leofs/incident/backups/restoreFiles";
import { replicaStep } from "../leofs/pair/replica";
import type { Common, ManagerTarget } from "./arguments";
import type { Session } from "./session";

/** Whether both managers run, started by this incident: after what it does to their files while they are stopped. */
export async function startedPair(
  session: Session,
  managers: readonly ManagerTarget[],
  common: Common,
): Promise<boolean> {
  const looks = await Promise.all(managers.map((target) => session.glance(target, common)));
  const seen = looks.flatMap((look) => ("seen" in look ? [look.seen] : []));
  if (!managers.every((_, index) => seen[index] && seen[index].site.facts.beams.length > 0)) return false;
  const has = (step: (node: string) => string) =>
    seen.map(({ journal, site }) => journal.done.has(step(site.manager.node)));
  return has(clearStep).every(Boolean) || has(restoreStep).some(Boolean) || has(replicaStep).some(Boolean);
}
