import { refusalText } from "../../leofs/checks/check";
import { judge } from "../../leofs/checks/situation";
import type { ManagerView } from "../../leofs/checks/view";
import { incidentDirectory, type ManagerTarget } from "../../providers/targets/arguments";
import { inPlace } from "../../recovery/inPlace";
import type { Recipe } from "../../recovery/recipe";
import { type ClusterSettings, managersOf, recoveryText } from "../../recovery/settings/cluster";
import { takeover } from "../../recovery/takeover";
import { lookAtPair } from "../shared/lookAtPair";
import type { Actor, SideName } from "./actor";
import { type Cast, shellSteps } from "./steps";
import { runbookText } from "./text";

/**
 * The runbook of a cluster's recovery, from one look at its hosts.
 *
 * @throws when a host cannot be looked at, or the recovery would be refused: a runbook that must stop is none.
 */
export async function runbookOf(settings: ClusterSettings): Promise<string> {
  const { name: cluster, incident, accept = [], rollback, method } = settings;
  if (rollback)
    throw new Error(
      `${cluster}: a rollback has no runbook. What pulumi up began goes back with pulumi up and rollback: true; what a runbook began goes back by its own undo of each step.`,
    );
  if (method === "online")
    throw new Error(
      settings.move
        ? `${cluster}: move has no runbook: it needs a temporary VM, and LeoFS has no command that starts one. Run pulumi up.`
        : `${cluster}: method: online has no runbook: it needs a temporary VM, and LeoFS has no command that starts one. Run pulumi up; or take method: online out of the settings, and the runbook stops both managers for some 15 s.`,
    );
  const managers = managersOf(settings);
  const views = (await lookAtPair(settings)).map((one, index) => {
    if ("problem" in one) throw new Error(`${managers[index]!.node} cannot be looked at: ${one.problem}`);
    return one.seen;
  }) as [ManagerView, ManagerView];
  const kind = settings.takeover
    ? { kind: "takeover" as const, lost: settings.takeover.lost }
    : { kind: "inPlace" as const, donor: settings.inPlace!.donor };
  const { choice, findings } = await judge(kind, views, accept);
  const refused = refusalText(`${cluster}: the runbook`, findings);
  if (refused) throw new Error(refused);
  const actors = views.map((view, index): Actor => {
    const target = managers[index as 0 | 1];
    return { side: sideOf(index, choice.good), target, view, directory: directoryOf(target, settings) };
  });
  const cast = castOf(actors, choice);
  const recipe: Recipe = settings.takeover
    ? takeover({ cluster, incident, ...settings.takeover })
    : inPlace({ cluster, incident, managers, donor: choice.good });
  return runbookText(recipe, cast, shellSteps(recipe, cast), {
    what: recoveryText(settings),
    findings: [choice.why, ...findings.map(({ text }) => text)],
    writtenAt: new Date().toISOString(),
  });
}

const sideOf = (index: number, good: number): SideName => (index === good ? "good" : "other");

/** Beside the directory of the incident, which belongs to Pulumi's run of it. */
const directoryOf = (target: ManagerTarget, { name, incident }: ClusterSettings): string =>
  `${incidentDirectory(target, { cluster: name, incident })}-by-hand`;

function castOf(actors: readonly Actor[], choice: { good: 0 | 1; master: 0 | 1 }): Cast {
  const good = actors[choice.good]!;
  const other = actors[1 - choice.good]!;
  const master = actors[choice.master]!;
  const { evidence } = good.view;
  return {
    good,
    other,
    master,
    slave: actors[1 - choice.master]!,
    tables: [...(evidence?.tables.keys() ?? [])].filter((name) => name !== "schema").sort(),
    ring: evidence?.nodes.find(({ ring }) => ring)?.ring?.[0] ?? "",
  };
}
