import { restoreStep } from "../incident/backups/restoreFiles";
import { healthProblems } from "../manager/mnesiaHealth";
import { lacking } from "../manager/ready";
import { lastStopped } from "../mnesia/mnesiaMarks";
import { type Finding, fact, hazard, refuse } from "./findings";
import { clusterFindings, managerFindings, pairFindings } from "./pairChecks";
import type { ManagerView } from "./view";

type Views = readonly [ManagerView, ManagerView];

/** Which side has the good files, and why. `good` undefined: it cannot be told. */
export interface DonorChoice {
  good: 0 | 1 | undefined;
  why: string;
}

const nodeOf = (view: ManagerView): string => view.site.manager.node;

/** Whether a manager runs and holds every table: then nobody has newer data than it. */
export const serves = (view: ManagerView): boolean =>
  view.evidence !== undefined && servesNothing(view) === undefined;

function servesNothing(view: ManagerView): string | undefined {
  try {
    return lacking(view.evidence, [nodeOf(view)]);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Why a manager's data cannot be taken for good; undefined when it serves, or its files were seen to be whole. */
export function broken(view: ManagerView): string | undefined {
  if (serves(view)) return undefined;
  if (!view.health) return unseen(view);
  const problems = healthProblems(view.health);
  const more = problems.length > 3 ? `; and ${problems.length - 3} more` : "";
  return problems.length > 0 ? `${problems.slice(0, 3).join("; ")}${more}` : undefined;
}

/** Why nobody could look into its files: such files must not pass for intact. */
function unseen(view: ManagerView): string | undefined {
  if (view.evidence) return servesNothing(view);
  const { beams } = view.site.facts;
  if (beams.length > 0)
    return `it runs (process ${beams.join(", ")}) but does not answer, so its files cannot be judged; stop it first`;
  return view.mnesia.exists ? `${view.mnesia.path} cannot be read` : `${view.mnesia.path} is not there`;
}

/**
 * Chooses the donor: the manager that serves while the other does not; else the one whose files are intact; else
 * the one that noted the other going down, which stopped last.
 */
export function chooseDonor(views: Views): DonorChoice {
  const [one, other] = views;
  if (serves(one) !== serves(other)) {
    const good = serves(one) ? 0 : 1;
    const rest = broken(views[1 - good]!) ?? "does not";
    return {
      good,
      why: `${nodeOf(views[good])} serves every table and ${nodeOf(views[1 - good]!)} does not (${rest})`,
    };
  }
  const [wrong, otherWrong] = [broken(one), broken(other)];
  if (wrong !== undefined && otherWrong === undefined)
    return {
      good: 1,
      why: `the files of ${nodeOf(other)} are intact, those of ${nodeOf(one)} are not (${wrong})`,
    };
  if (otherWrong !== undefined && wrong === undefined)
    return {
      good: 0,
      why: `the files of ${nodeOf(one)} are intact, those of ${nodeOf(other)} are not (${otherWrong})`,
    };
  if (wrong !== undefined && otherWrong !== undefined)
    return {
      good: undefined,
      why: `the files of both are damaged: ${nodeOf(one)}: ${wrong}; ${nodeOf(other)}: ${otherWrong}.`,
    };
  if (serves(one)) return { good: undefined, why: "both managers serve every table: neither looks damaged." };
  const { node, evidence } = orderOf(views);
  const good = node === nodeOf(one) ? 0 : node === nodeOf(other) ? 1 : undefined;
  return { good, why: good === undefined ? `${evidence}.` : `${node} stopped last: ${evidence}` };
}

function orderOf([one, other]: Views): ReturnType<typeof lastStopped> {
  if (!one.health || !other.health) return { node: undefined, evidence: "one of the two is still running" };
  return lastStopped(
    { node: nodeOf(one), marks: one.health.marks },
    { node: nodeOf(other), marks: other.health.marks },
  );
}

/** What speaks for and against an in-place recovery, before its first change, and which side gives the files. */
export function inPlaceFindings(
  views: Views,
  donor: 0 | 1 | "auto",
  resuming: boolean,
  kept: 0 | 1 | undefined,
): DonorChoice & { findings: Finding[] } {
  const [one, other] = views;
  const findings = [...managerFindings(one), ...managerFindings(other), ...pairFindings(one, other)];
  if (resuming && (donor !== "auto" || kept !== undefined)) {
    findings.push(fact("resume", "this incident was begun before; what is done already is kept"));
    const good = donor === "auto" ? kept! : donor;
    findings.push(...overtakenFindings(views[good], views[(1 - good) as 0 | 1]));
    return { good, why: "as when this incident was begun", findings };
  }
  const chosen = chooseDonor(views);
  if (donor === "auto") {
    if (chosen.good !== undefined)
      findings.push(fact("donor", `donor: ${chosen.why}`), ...clusterFindings(views[chosen.good]));
    return { ...chosen, findings };
  }
  findings.push(...givenDonorFindings(views, donor, chosen), ...clusterFindings(views[donor]));
  return { good: donor, why: `${nodeOf(views[donor])} is named as the donor`, findings };
}

/** What users wrote to the other manager since it was started by hand, and that would be lost with its files. */
function overtakenFindings(donor: ManagerView, damaged: ManagerView): Finding[] {
  if (!serves(damaged) || damaged.journal.done.has(restoreStep(nodeOf(damaged)))) return [];
  if (serves(donor)) return splitFindings(donor, damaged);
  return [
    refuse(
      "donorStale",
      `${nodeOf(damaged)} serves every table by now, and the donor ${nodeOf(donor)} is down: what users write to the one would be lost with the files of the other. Start the donor (${donor.site.manager.home}/bin/leo_manager start), so that it gets that too.`,
    ),
  ];
}

function splitFindings(donor: ManagerView, damaged: ManagerView): Finding[] {
  if (donor.evidence!.runningManagers.includes(nodeOf(damaged))) return [];
  return [
    refuse(
      "splitBrain",
      `${nodeOf(donor)} and ${nodeOf(damaged)} both serve, each without the other: what was written on ${nodeOf(damaged)} since would be lost. Compare get-users and get-buckets on both first.`,
    ),
  ];
}

function givenDonorFindings(views: Views, donor: 0 | 1, chosen: DonorChoice): Finding[] {
  const good = views[donor];
  const damaged = views[(1 - donor) as 0 | 1];
  const wrong = broken(good);
  if (wrong !== undefined)
    return [
      refuse(
        "donorFiles",
        `${good.site.host.label}: the donor ${nodeOf(good)} is not sound: ${wrong}. Its files would be copied over the other's.`,
      ),
    ];
  if (serves(good) && serves(damaged)) {
    const split = splitFindings(good, damaged);
    if (split.length > 0) return split;
    return [
      refuse(
        "notDamaged",
        `${nodeOf(damaged)} serves every table together with ${nodeOf(good)}: it is not damaged, so nothing is to be recovered. If its files on disc are, stop it first (${damaged.site.manager.home}/bin/leo_manager stop).`,
      ),
    ];
  }
  const other = (1 - donor) as 0 | 1;
  if (chosen.good === other)
    return [
      refuse(
        "donorStale",
        `${chosen.why}. The donor named in the settings, ${nodeOf(good)}, has older data: newer rows would silently be gone. Name ${nodeOf(damaged)} as the donor, or start it.`,
      ),
    ];
  if (chosen.good === donor) return [fact("donor", chosen.why)];
  return [
    refuse(
      "donorOrderUnknown",
      `it cannot be told whether ${nodeOf(good)} has the newest data: ${chosen.why} If it is known from elsewhere, say so.`,
    ),
    hazard("donor", `${nodeOf(good)} is taken as the truth`),
  ];
}
