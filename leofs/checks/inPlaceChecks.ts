import { surprises } from "../incident/surprises";
import { type CheckList, examine, type Finding } from "./check";
import { broken, chooseDonor, type DonorChoice, nodeOf, serves } from "./donor";
import { isItself } from "./identityChecks";
import { incidentChecks } from "./incidentChecks";
import { clusterChecks, pairFindings, type Views } from "./pairChecks";
import { managerFindings } from "./placeChecks";
import { replacedFindings } from "./replacedChecks";
import type { ManagerView } from "./view";

/** The two sides of an in-place recovery, as the settings name them. */
interface DonorView {
  donor: ManagerView;
  damaged: ManagerView;
  /** The side that the evidence speaks for; undefined when it cannot be told. */
  newest: ManagerView | undefined;
  /** Why. */
  why: string;
  /** The incident is under way: that donor was accepted then. */
  begun: boolean;
}

/** Both serve, and the donor does not see the other: each takes writes of its own. */
const split = ({ donor, damaged }: DonorView): boolean =>
  serves(donor) && serves(damaged) && !donor.evidence!.runningManagers.includes(nodeOf(damaged));

/** What users write to the damaged manager, which was started by hand since, would be lost with its files. */
const overtaken = ({ damaged, begun }: DonorView): boolean =>
  surprises.overtaken(
    { journal: damaged.journal, node: nodeOf(damaged) },
    { begun, serves: serves(damaged) },
  );

/** The donor of the settings, beside what the files and the nodes say. */
export const donorChecks: CheckList<DonorView> = {
  of: "the donor",
  checks: [
    {
      name: "donorFiles",
      accept: "the donor's own files look damaged, and I take them as the truth",
      test: ({ donor, begun }) => {
        const wrong = broken(donor);
        return begun || wrong === undefined
          ? undefined
          : `${donor.manager.host.label}: the donor ${nodeOf(donor)} is not sound: ${wrong}. Its files would be copied over the other's.`;
      },
    },
    {
      name: "donorAccess",
      test: ({ donor: { manager, places } }) =>
        places.guarded.length > 0
          ? `${manager.host.label}: ${places.user} cannot write to ${places.guarded.join(", ")}: ${manager.spec.node} could not start with these files again. Copying by root leaves that. Give them back to the user LeoFS runs as (chown -R ${places.user} ${places.mnesia.path}).`
          : undefined,
    },
    {
      name: "splitBrain",
      decides: true,
      accept: "both serve, each without the other, and I give up what was written on the damaged one",
      test: (sides) =>
        split(sides) && (!sides.begun || overtaken(sides))
          ? `${nodeOf(sides.donor)} and ${nodeOf(sides.damaged)} both serve, each without the other: what was written on ${nodeOf(sides.damaged)} since would be lost. Compare get-users and get-buckets on both first.`
          : undefined,
    },
    {
      name: "notDamaged",
      decides: true,
      test: ({ donor, damaged, begun }) =>
        !begun && serves(donor) && serves(damaged)
          ? `${nodeOf(damaged)} serves every table together with ${nodeOf(donor)}: it is not damaged, so nothing is to be recovered. If its files on disc are, stop it first (${damaged.manager.spec.home}/bin/leo_manager stop).`
          : undefined,
    },
    {
      // Not to be accepted: what was accepted when the incident was begun is not what users wrote since.
      name: "donorOvertaken",
      decides: true,
      test: (sides) => {
        const { donor, damaged } = sides;
        return overtaken(sides) && !serves(donor)
          ? `${nodeOf(damaged)} serves every table by now, and the donor ${nodeOf(donor)} is down: what users write to the one would be lost with the files of the other. Start the donor (${donor.manager.spec.home}/bin/leo_manager start), so that it gets that too. If it cannot be started, roll this incident back, and recover it from ${nodeOf(damaged)} under a new one.`
          : undefined;
      },
    },
    {
      name: "donorStale",
      accept: "the other manager has newer data, and I give it up",
      test: (sides) => {
        const { donor, damaged, newest, why, begun } = sides;
        return !begun && newest === damaged
          ? `${why}. The donor named in the settings, ${nodeOf(donor)}, has older data: newer rows would silently be gone. Name ${nodeOf(damaged)} as the donor, or start it.`
          : undefined;
      },
    },
    {
      name: "donorNewest",
      level: "fact",
      test: ({ donor, newest, why, begun }) => (!begun && newest === donor ? why : undefined),
    },
    {
      name: "donorOrderUnknown",
      accept: "it cannot be told who has the newest data, and I know that it is the donor",
      test: ({ donor, newest, why, begun }) =>
        begun || newest
          ? undefined
          : `it cannot be told whether ${nodeOf(donor)} has the newest data: ${why} If it is known from elsewhere, say so.`,
    },
    {
      name: "donorTrusted",
      level: "hazard",
      test: ({ donor, newest, begun }) =>
        begun || newest ? undefined : `${nodeOf(donor)} is taken as the truth`,
    },
  ],
};

/** The donor that `auto` finds. */
export const autoDonorChecks: CheckList<DonorChoice> = {
  of: "the donor, found out",
  checks: [
    {
      name: "donorUndecided",
      test: ({ good, why }) =>
        good === undefined
          ? `${why} Nothing was changed. If it is known from elsewhere who has the newest data, name that one as the donor.`
          : undefined,
    },
    {
      name: "donor",
      level: "fact",
      test: ({ good, why }) => (good === undefined ? undefined : `donor: ${why}`),
    },
  ],
};

/** What speaks for and against an in-place recovery, before its first change, and which side gives the files. */
export function inPlaceFindings(
  views: Views,
  donor: 0 | 1 | "auto",
  resuming: boolean,
  kept: 0 | 1 | undefined,
): DonorChoice & { findings: Finding[] } {
  const findings = views.flatMap(managerFindings);
  if (!views.every(isItself))
    return { good: kept, why: "not both managers are where the settings say", findings };
  findings.push(...pairFindings(views));
  const chosen = chooseDonor(views);
  const begun = resuming && (donor !== "auto" || kept !== undefined);
  findings.push(...examine(incidentChecks, { rolledBack: false, goesOn: begun }));
  if (!begun && donor === "auto") {
    findings.push(...examine(autoDonorChecks, chosen));
    if (chosen.good === undefined) return { ...chosen, findings };
    const [found, rest] = chosen.good === 0 ? views : [views[1], views[0]];
    findings.push(...replacedFindings(found, [rest]), ...examine(clusterChecks, found));
    return { ...chosen, findings };
  }
  const good = donor === "auto" ? kept! : donor;
  const [one, other] = views;
  const sides = good === 0 ? { donor: one, damaged: other } : { donor: other, damaged: one };
  const newest = chosen.good === undefined ? undefined : views[chosen.good];
  findings.push(...replacedFindings(sides.donor, [sides.damaged]));
  findings.push(...examine(donorChecks, { ...sides, newest, why: chosen.why, begun }));
  if (begun) return { good, why: "as when this incident was begun", findings };
  findings.push(...examine(clusterChecks, sides.donor));
  return { good, why: `${nodeOf(sides.donor)} is named as the donor`, findings };
}
