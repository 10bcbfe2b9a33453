import { serves } from "../../leofs/checks/donor";
import type { ManagerView } from "../../leofs/checks/view";
import { entries } from "../../leofs/incident/entries";
import type { Seen } from "../../providers/session/looks";
import type { RecoveryOutcome } from "../../recovery/outcome";
import { type ClusterSettings, managersOf, recoveryText } from "../../recovery/settings/cluster";
import { lookAtPair } from "../shared/lookAtPair";
import type { Outputs } from "../shared/sources";
import { outcomeOfIncident } from "./outcomeOfIncident";
import { outageOf, type Picture, type Report, timelineOf } from "./report";

/** The report of one cluster: what the stack says, and what its hosts remember and show now, as far as they can be asked. */
export async function gather(settings: ClusterSettings, outputs: Outputs): Promise<Report> {
  const managers = managersOf(settings);
  const common = { cluster: settings.name, incident: settings.incident };
  const seen = await lookAtPair(settings);
  const views = seen.flatMap((one) => ("seen" in one ? [one.seen] : []));
  const unseen = seen.flatMap((one, index) =>
    "problem" in one
      ? [`${managers[index]!.node} could not be looked at, so the report lacks what it knows: ${one.problem}`]
      : [],
  );
  const journals = views.map(({ journal }) => journal);
  const { outcome, gaps } = outcomeOfIncident(settings.incident, outcomeIn(outputs, settings.name), journals);
  const outage = outageOf(journals, outcome?.outageSeconds ?? provenOutage(journals));
  return {
    ...common,
    what: what(settings, outcome),
    outcome,
    outage,
    before: before(settings, views),
    after: after(settings, seen),
    timeline: timelineOf(journals, outage),
    gaps: [...gaps, ...unseen],
    writtenAt: new Date().toISOString(),
  };
}

/**
 * The report of a cluster of which nothing but the stack's outputs is there.
 *
 * @param why its hosts were not asked
 */
export const fromOutputs = (cluster: string, outputs: Outputs, why: string): Report => ({
  cluster,
  incident: outcomeIn(outputs, cluster)?.incident ?? "not known without the settings",
  what: "recovery",
  outcome: outcomeIn(outputs, cluster),
  outage: undefined,
  before: undefined,
  after: undefined,
  timeline: [],
  gaps: [`No host was asked: ${why}`],
  writtenAt: new Date().toISOString(),
});

const outcomeIn = ({ outcome }: Outputs, cluster: string): RecoveryOutcome | undefined => {
  const found = outcome?.[cluster];
  return typeof found === "object" ? found : undefined;
};

const provenOutage = (journals: readonly ManagerView["journal"][]): number =>
  Math.max(0, ...journals.map((journal) => entries.proven.done(journal)?.outageSeconds ?? 0));

const what = (settings: ClusterSettings, outcome: RecoveryOutcome | undefined): string => {
  const undone = settings.rollback || outcome?.verdict === "rolled back" ? "rollback of a " : "";
  return `${undone}${recoveryText(settings)}, ${settings.method}`;
};

/** As the hosts noted it before the first change. */
function before({ takeover, move }: ClusterSettings, views: readonly ManagerView[]): Picture | undefined {
  const noted = views.flatMap(({ manager, journal }) => {
    const { node } = manager.spec;
    const found = entries.before(node).done(journal);
    return found ? [{ node, found }] : [];
  });
  if (noted.length === 0) return undefined;
  const lost = [
    ...(takeover ? [{ node: takeover.lost, state: "gone", serves: false }] : []),
    ...(move ? [{ node: move.from.node, state: "ran", serves: true }] : []),
  ];
  const managers = noted.map(({ node, found }) => ({
    node,
    state: found.running ? "ran" : found.generated ? "down" : "new, never started",
    serves: found.running,
  }));
  const followers = noted.flatMap(({ found }) => found.followers);
  return { managers: [...lost, ...managers], nodes: distinct(followers) };
}

/** As it is now. */
function after({ takeover, move }: ClusterSettings, seen: readonly Seen<ManagerView>[]): Picture | undefined {
  const views = seen.flatMap((one) => ("seen" in one ? [one.seen] : []));
  if (views.length === 0) return undefined;
  const managers = views.map((view) => ({
    node: view.manager.spec.node,
    state: serves(view)
      ? `${view.manager.settings.role}, serves`
      : view.manager.facts.beams.length > 0
        ? "runs, does not serve"
        : "down",
    serves: serves(view),
  }));
  const nodes = views.flatMap(({ evidence }) => evidence?.nodes ?? []);
  const followed = nodes.map(({ node, type, follows }) => ({ node, type, follows: follows ?? [] }));
  const lost = takeover?.lost ?? move?.from.node;
  const stray = lost !== undefined && followed.some(({ follows }) => follows.includes(lost));
  return {
    managers: [...(stray ? [{ node: lost, state: "gone", serves: false }] : []), ...managers],
    nodes: distinct(followed),
  };
}

const distinct = <T extends { node: string }>(all: readonly T[]): T[] => [
  ...new Map(all.map((one) => [one.node, one])).values(),
];
