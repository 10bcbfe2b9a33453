import type { Reach } from "../manager/ask";
import { examine, type Finding } from "./check";
import { isItself } from "./identityChecks";
import { incidentChecks } from "./incidentChecks";
import { freshMasterChecks, partnerChecks, replacementChecks } from "./newPairChecks";
import { clusterChecks, pairFindings } from "./pairChecks";
import { managerFindings } from "./placeChecks";
import { lostChecks } from "./reachChecks";
import type { RecoveryCase, TakeoverCase } from "./recoveryCase";
import { replacedFindings } from "./replacedChecks";
import { survivorChecks } from "./survivorChecks";
import type { ManagerView } from "./view";

/**
 * What speaks for and against a takeover, before its first change.
 *
 * @param lost whether the lost manager answers; one that moves does, and has `moveChecks`
 * @param resuming the dump of this incident was taken before, or more, so the survivor may be stopped or empty by now
 *   and the replacement may hold the new tables: only what must hold all the same is looked at.
 */
export function takeoverFindings(
  survivor: ManagerView,
  replacement: ManagerView,
  lost: Reach,
  resuming: boolean,
  { moves, method }: Partial<Pick<TakeoverCase & RecoveryCase, "moves" | "method">> = {},
): Finding[] {
  const own = [...managerFindings(survivor), ...managerFindings(replacement)];
  const gone = moves ? [] : examine(lostChecks, lost);
  if (!isItself(survivor) || !isItself(replacement)) return [...own, ...gone];
  const master = [survivor, replacement].find(({ manager }) => manager.settings.role === "master");
  const always = [
    ...own,
    ...replacedFindings(survivor, [survivor, replacement]),
    ...pairFindings([survivor, replacement]),
    ...gone,
    ...examine(partnerChecks, { view: survivor, wanted: replacement.manager.spec.node }),
    ...examine(partnerChecks, { view: replacement, wanted: survivor.manager.spec.node }),
    ...examine(incidentChecks, { rolledBack: false, goesOn: resuming }),
  ];
  if (resuming) return always;
  return [
    ...always,
    ...examine(survivorChecks, {
      view: survivor,
      lost: lost.node,
      moves: moves === true,
      online: method === "online",
    }),
    ...examine(replacementChecks, replacement),
    ...(master ? examine(freshMasterChecks, { view: master, cluster: survivor.evidence?.system ?? {} }) : []),
    ...examine(clusterChecks, survivor),
  ];
}
