import type { ManagerView } from "../../leofs/checks/view";
import { entries } from "../../leofs/incident/entries";
import type { ListedNode } from "../../leofs/names";
import { confPlan } from "../../leofs/nodes/confPlan";
import type { PlanLine } from "../../leofs/planLine";
import { someOf } from "../../leofs/sentence";
import type { Progress } from "../contract/progress";
import type { Session } from "../session/session";
import type { Common, ManagerTarget, NodesTarget } from "../targets/arguments";
import { confFindings, strayConfs } from "./nodeConfs";

/** A pair whose nodes are to follow it, and how their hosts are reached. */
interface Followed extends Common {
  managers: [ManagerTarget, ManagerTarget];
  nodes?: NodesTarget | undefined;
}

/** What would become of the confs of a cluster's nodes; nothing without `nodes`. */
export async function confsText(
  session: Session,
  inputs: Followed,
  listed: readonly ListedNode[],
  view: ManagerView,
): Promise<PlanLine[]> {
  const { nodes, managers } = inputs;
  if (!nodes) return [];
  if (listed.length === 0) return ["confs of the nodes: which nodes there are is not known now"];
  const [one, other] = managers.map(({ node }) => node) as [string, string];
  const pair = view.manager.settings.role === "master" ? [one, other] : [other, one];
  return confPlan(await confFindings({ session, nodes, common: inputs }, listed, pair), pair);
}

/**
 * The same before the recovery was proven. Once the pair has its data the confs are the next thing to be changed: then
 * nobody logs in to every host a second time just to say so.
 */
export async function nodesText(
  session: Session,
  inputs: Followed,
  listed: readonly ListedNode[],
  view: ManagerView,
): Promise<PlanLine[]> {
  const { journal } = view;
  const given = inputs.managers.some(
    ({ node }) => entries.replica(node).isDone(journal) || entries.given(node).isDone(journal),
  );
  if (inputs.nodes && (given || entries.load.isDone(journal)))
    return [`change managers in the confs of ${listed.length} nodes, and read back what LeoFS would read`];
  return confsText(session, inputs, listed, view);
}

/** Confs that name other managers now, each warned of; a host that cannot be looked at is warned of, and is no drift. */
export async function observeConfs(
  session: Session,
  state: Followed & { provenAt: string },
  listed: readonly ListedNode[],
  progress: Progress,
): Promise<{ strayConfs: Record<string, string> }> {
  const pair = state.managers.map(({ node }) => node);
  const { strays, unseen } = await strayConfs(
    { session, nodes: state.nodes ?? {}, common: state },
    listed,
    pair,
  );
  const found = Object.entries(strays).map(([node, says]) => `${node} (${says})`);
  if (found.length > 0)
    await progress.warn(
      `NOT SO ANY MORE: the confs of ${found.length} nodes named ${pair.join(" and ")} at ${state.provenAt}: ${someOf(found)}. pulumi up changes them again.`,
    );
  if (unseen.length > 0)
    await progress.warn(`the confs of ${unseen.length} nodes cannot be looked at now: ${someOf(unseen)}`);
  return { strayConfs: strays };
}
