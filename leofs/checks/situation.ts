import { type Choice, decidedBefore, isBegun, isGivenUp, methodOf } from "../incident/incident";
import { goneJournal, journalsGone, otherSubjects, type Subjects } from "../incident/subjects";
import { wayTo } from "../manager/wayTo";
import { accepting, examine, type Finding } from "./check";
import type { DonorChoice } from "./donor";
import { isItself } from "./identityChecks";
import { incidentChecks } from "./incidentChecks";
import { inPlaceFindings } from "./inPlaceChecks";
import { methodChecks, wayChecks } from "./onlineChecks";
import { otherManagers, probeFromEverywhere } from "./otherManagers";
import type { Views } from "./pairChecks";
import { distanceChecks, otherChecks } from "./reachChecks";
import { isMove, lostOf, type RecoveryCase, type TakeoverCase } from "./recoveryCase";
import { serviceChecks } from "./serviceChecks";
import { takeoverFindings } from "./takeoverFindings";
import { dataFiles, type ManagerView } from "./view";

/** A judged situation: who has the good data, and what speaks for and against starting. */
export interface Situation {
  choice: Choice;
  findings: Finding[];
}

/**
 * Judges two managers as they were seen. Looks once more only to ask whether the lost one still answers, and whether the
 * managers' hosts reach each other.
 */
export async function judge(
  recovery: RecoveryCase,
  views: Views,
  accepted: readonly string[],
  kept?: Choice,
): Promise<Situation> {
  const journals = views.map(({ journal }) => journal);
  const master = views[0].manager.settings.role === "master" ? 0 : 1;
  const nodes = nodesOf(views);
  const decided = decidedBefore(journals, nodes) ?? (kept?.guess ? undefined : kept);
  const rolledBack = isGivenUp(journals);
  const otherwise = otherSubjects(journals, subjectsOf(recovery, nodes));
  const gone = goneJournal(views.map(remembering)) ?? clearedUnnoted(recovery, views);
  if (rolledBack || otherwise || gone) {
    const findings = examine(incidentChecks, { rolledBack, goesOn: false, otherwise, gone });
    return { choice: decided ?? { good: 0, master, why: "it does not go on" }, findings };
  }
  const found =
    recovery.kind === "takeover"
      ? await judgeTakeover(recovery, views)
      : // Until something was done beyond its check, hours may lie between: who has the data is found out again.
        inPlaceFindings(views, recovery.donor, isBegun(journals), decided?.good);
  const { good, why, findings } = found;
  // Whom another manager's home knows says nothing of this cluster.
  if (good !== undefined && views.every(isItself))
    findings.push(...(await methodFindings(recovery, views, good)));
  return { choice: { good: good ?? 0, master, why }, findings: accepting(findings, accepted) };
}

type Found = DonorChoice & { findings: Finding[] };

async function judgeTakeover(recovery: TakeoverCase & RecoveryCase, views: Views): Promise<Found> {
  const [survivor, replacement] = views;
  const known = views.every(isItself);
  const others = known ? otherManagers(recovery.lost, survivor, replacement) : [];
  const probe = (node: string) => probeFromEverywhere(node, survivor, replacement);
  const [lost, distance, reached] = await Promise.all([
    probe(recovery.lost),
    known ? distanceFindings(replacement, survivor) : [],
    Promise.all(others.map(probe)),
  ]);
  const begun = isBegun(views.map(({ journal }) => journal));
  return {
    good: 0,
    why: `${survivor.manager.spec.node} ${recovery.moves ? "stays" : "is the survivor"}`,
    findings: [
      ...takeoverFindings(survivor, replacement, lost, begun, recovery),
      ...reached.flatMap((other) => examine(otherChecks, other)),
      ...distance,
    ],
  };
}

const nodesOf = ([one, two]: Views): [string, string] => [one.manager.spec.node, two.manager.spec.node];

/** Whom the settings say that it is of. */
function subjectsOf(recovery: RecoveryCase, nodes: [string, string]): Subjects {
  const lost = lostOf(recovery);
  if (recovery.kind === "takeover") return { nodes, good: nodes[0], lost };
  return { nodes, good: recovery.donor === "auto" ? undefined : nodes[recovery.donor], lost };
}

/** Only a takeover clears the manager that has the data. */
function clearedUnnoted({ kind }: RecoveryCase, views: Views): string | undefined {
  const [{ manager, places, mnesia }] = views;
  const { node } = manager.spec;
  const where = `${manager.place.directory} on ${manager.host.label}`;
  const journals = views.map(({ journal }) => journal);
  return kind === "takeover"
    ? journalsGone(journals, { node, where, directory: mnesia.path }, places.movedTo)
    : undefined;
}

const remembering = (view: ManagerView) => {
  const { journal, manager } = view;
  return {
    journal,
    blank: manager.facts.beams.length === 0 && dataFiles(view).length === 0,
    node: manager.spec.node,
    where: `${manager.place.directory} on ${manager.host.label}`,
  };
};

/** What speaks for and against the method and the service steps that it has, and against another one than the incident was begun with. */
async function methodFindings(recovery: RecoveryCase, views: Views, good: 0 | 1): Promise<Finding[]> {
  const { method = "offline" } = recovery;
  const journals = views.map(({ journal }) => journal);
  const begunWith = isBegun(journals) ? methodOf(journals) : undefined;
  const [serving, other] = [views[good], views[1 - good]!];
  const online = method === "online";
  const isAsked = serving.evidence && (online || begunWith === undefined);
  const way = isAsked ? await wayTo(serving.manager, other.manager.spec.node) : undefined;
  const back = online && recovery.kind === "inPlace" ? await distanceFindings(other, serving) : [];
  const stopped = online ? [other] : views;
  return [
    ...examine(methodChecks, {
      serving,
      other: other.manager.spec.node,
      lost: lostOf(recovery),
      moves: isMove(recovery),
      method,
      begunWith,
    }),
    ...(way ? examine(wayChecks, { serving: serving.manager.spec.node, way }) : []),
    ...back,
    ...stopped.flatMap((view) => examine(serviceChecks, view)),
  ];
}

/** Whether the other manager, once it runs, could talk to the one that does. */
async function distanceFindings(other: ManagerView, running: ManagerView): Promise<Finding[]> {
  const { evidence, manager } = running;
  if (!evidence || !other.manager.facts.tools.erlang) return [];
  if (other.manager.settings.cookie !== manager.settings.cookie) return [];
  const reach = await other.manager.probe(manager.spec.node);
  return examine(distanceChecks, { label: other.manager.host.label, reach });
}
