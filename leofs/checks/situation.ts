import { type Choice, decidedBefore, isBegun, isGivenUp, methodOf, phaseOf } from "../incident/incident";
import { wayTo } from "../manager/wayTo";
import { accepting, examine, type Finding } from "./check";
import { isItself } from "./identityChecks";
import { incidentChecks } from "./incidentChecks";
import { inPlaceFindings } from "./inPlaceChecks";
import { type Method, methodChecks, wayChecks } from "./onlineChecks";
import { otherManagers, probeFromEverywhere } from "./otherManagers";
import { distanceChecks, otherChecks } from "./reachChecks";
import { serviceChecks } from "./serviceChecks";
import { takeoverFindings } from "./takeoverFindings";
import type { ManagerView } from "./view";

/** Which recovery, of whom. The two managers are `[survivor, replacement]` or, in place, in any order. */
export type RecoveryCase = (
  | {
      kind: "takeover";
      lost: string;
      /** The one called lost is alive and moves: it is stopped once the other has every table. */
      moves?: true;
    }
  /** `donor`: index of the manager whose files are good, or `auto` for the one with the newest data. */
  | { kind: "inPlace"; donor: 0 | 1 | "auto" }
) & {
  /** `online`: while the good one serves. Default: both are stopped. */
  method?: Method;
};

/** A judged situation: what speaks for and against starting. */
export interface Situation {
  choice: Choice;
  findings: Finding[];
  /** The incident was begun before. */
  resuming: boolean;
}

/**
 * Judges two managers as they were seen. Looks once more only to ask whether the lost one still answers, and whether the
 * managers' hosts reach each other.
 */
export async function judge(
  recovery: RecoveryCase,
  views: readonly [ManagerView, ManagerView],
  accepted: readonly string[],
  kept?: Choice,
): Promise<Situation> {
  const journals = views.map(({ journal }) => journal);
  const resuming = phaseOf(journals) !== "new";
  const master = views[0].manager.settings.role === "master" ? 0 : 1;
  const decided = decidedBefore(journals) ?? (kept?.guess ? undefined : kept);
  const rolledBack = isGivenUp(journals);
  if (rolledBack) {
    const findings = examine(incidentChecks, { rolledBack, goesOn: false });
    return { choice: decided ?? { good: 0, master, why: "rolled back" }, findings, resuming };
  }
  if (recovery.kind === "takeover") {
    // Whom another manager's home knows says nothing of this cluster.
    const known = views.every(isItself);
    const [lost, reach, others] = await Promise.all([
      probeFromEverywhere(recovery.lost, views[0], views[1]),
      known ? distanceFindings(views[1], views[0]) : [],
      Promise.all(
        (known ? otherManagers(recovery.lost, views[0], views[1]) : []).map((node) =>
          probeFromEverywhere(node, views[0], views[1]),
        ),
      ),
    ]);
    const findings = [
      ...takeoverFindings(
        views[0],
        views[1],
        recovery.moves ? recovery.lost : lost,
        isBegun(journals),
        recovery.method,
      ),
      ...others.flatMap((other) => examine(otherChecks, other)),
      ...reach,
    ];
    if (known) findings.push(...(await methodFindings(recovery, views, 0)));
    const why = `${views[0].manager.spec.node} ${recovery.moves ? "stays" : "is the survivor"}`;
    return { choice: { good: 0, master, why }, findings: accepting(findings, accepted), resuming };
  }
  const goesOn = recovery.donor === "auto" ? resuming : isBegun(journals);
  const { good, why, findings } = inPlaceFindings(views, recovery.donor, goesOn, decided?.good);
  if (good !== undefined && views.every(isItself))
    findings.push(...(await methodFindings(recovery, views, good)));
  return { choice: { good: good ?? 0, master, why }, findings: accepting(findings, accepted), resuming };
}

/** What speaks for and against the method and the service steps that it has, and against another one than the incident was begun with. */
async function methodFindings(
  recovery: RecoveryCase,
  views: readonly [ManagerView, ManagerView],
  good: 0 | 1,
): Promise<Finding[]> {
  const { method = "offline" } = recovery;
  const journals = views.map(({ journal }) => journal);
  const begunWith = isBegun(journals) ? methodOf(journals) : undefined;
  const lost = recovery.kind === "takeover" ? recovery.lost : undefined;
  const moves = recovery.kind === "takeover" && recovery.moves === true;
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
      lost,
      moves,
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
