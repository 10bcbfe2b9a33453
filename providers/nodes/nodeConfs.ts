import { entries } from "../../leofs/incident/entries";
import type { Journal, Noted } from "../../leofs/incident/journal";
import type { Incident } from "../../leofs/incident/readIncident";
import type { ListedNode } from "../../leofs/names";
import { changeManagers, returnManagers } from "../../leofs/nodes/changeManagers";
import { type ConfFinding, confFinding } from "../../leofs/nodes/confPlan";
import { confProblems, editRights, follows, lookAtNode, managersValue } from "../../leofs/nodes/nodeConf";
import { someOf } from "../../leofs/sentence";
import type { Progress } from "../contract/progress";
import type { Session } from "../session/session";
import type { Common, NodesTarget } from "../targets/arguments";
import { type NodeWays, overNodes } from "./nodeHosts";
import { nodeTarget } from "./nodeTargets";

/** A host is given this long to log in and answer while a plan is made, and when something is to be done. */
const LOOK_MS = 6_000;
const WORK_MS = 20_000;

/** What would become of the conf of each node. Read-only. */
export async function confFindings(
  ways: NodeWays,
  listed: readonly ListedNode[],
  pair: readonly string[],
): Promise<ConfFinding[]> {
  const results = await overNodes(ways, listed, async ({ host, spec, incidentDirectory }) => {
    const seen = await lookAtNode(host, spec, LOOK_MS);
    return confFinding(seen, await editRights(host, seen, incidentDirectory, LOOK_MS), pair);
  });
  return results.map((result) => {
    if ("seen" in result) return result.seen;
    const nothing = { ...result.node, problems: [], file: "", names: [], right: false };
    const problem = impersonal(ways.nodes, result);
    return result.unreachable ? { ...nothing, unreachable: problem } : { ...nothing, problems: [problem] };
  });
}

/** A reason without the name of its host, so that those of many hosts can be counted together. */
function impersonal(
  nodes: NodesTarget,
  { node, label, problem }: { node: ListedNode; label: string; problem: string },
): string {
  const { host, port = 22 } = nodeTarget(nodes, node).connection;
  return problem
    .replaceAll(label, "its host")
    .replaceAll(`${host}:${port}`, "its sshd")
    .replaceAll(host, "it");
}

/** What became of the confs of a cluster's nodes. */
export interface ChangedConfs {
  /** Nodes whose conf names the pair, read back by LeoFS's rules. */
  done: Set<string>;
  evidence: string[];
  /** Nodes whose conf does not, each with the reason: the next `up` tries again. */
  debt: string[];
}

/**
 * Makes the conf of every node name the pair. A node that cannot be reached, or whose conf must not be changed, is debt.
 *
 * @param journal of the manager with the data, which keeps whose confs were set out to be changed
 */
export async function changeConfs(
  ways: NodeWays,
  listed: readonly ListedNode[],
  pair: readonly string[],
  journal: Journal,
  progress: Progress,
): Promise<ChangedConfs> {
  if (listed.length === 0) return { done: new Set(), evidence: [], debt: [] };
  // Noted before the first is changed: a rollback must know of each.
  const noted = changedNodes([journal]);
  const round = (entries.nodes.begun(journal)?.round ?? 0) + 1;
  await entries.nodes.begin(journal, { nodes: union(noted, listed), round });
  const touched: ListedNode[] = [];
  const results = await overNodes(
    ways,
    listed,
    (on) => changeManagers(on, pair, { touching: () => touched.push(on.spec), timeoutMs: WORK_MS }),
    (done) => progress.step(`confs of storage and gateway nodes: ${done} of ${listed.length}`),
  );
  const done = results.flatMap((result) => ("seen" in result ? [result.node.node] : []));
  const failed = results.filter((result) => "problem" in result);
  await entries.nodes.finish(journal, { nodes: union(noted, touched), round });
  return {
    done: new Set(done),
    evidence:
      done.length > 0
        ? [
            `the confs of ${done.length} of ${listed.length} nodes name ${managersValue(pair)}, read back by LeoFS's rules: ${someOf(done)}`,
          ]
        : [],
    debt: failed.map(
      ({ node, problem }) => `the conf of ${node.node} does not name ${pair.join(" and ")} yet: ${problem}`,
    ),
  };
}

/** Nodes whose conf names other managers now, with which; and those that could not be looked at. */
export async function strayConfs(
  ways: NodeWays,
  listed: readonly ListedNode[],
  pair: readonly string[],
): Promise<{ strays: Record<string, string>; unseen: string[] }> {
  const results = await overNodes(ways, listed, async ({ host, spec }) => {
    const seen = await lookAtNode(host, spec, LOOK_MS);
    const [problem] = confProblems(seen);
    if (problem) return problem;
    return follows(seen, pair) ? "" : `${seen.file.path} names ${seen.value ?? "no managers"}`;
  });
  const strays = results.flatMap((result) =>
    "seen" in result && result.seen !== "" ? [[result.node.node, result.seen]] : [],
  );
  const unseen = results.flatMap((result) => ("problem" in result ? [result.node.node] : []));
  return { strays: Object.fromEntries(strays), unseen };
}

/**
 * Puts the confs back that an incident changed, as the journals of the managers' hosts have it.
 *
 * @returns the evidence
 * @throws when one could not be put back although the settings say how its host is reached: the next `up` tries again.
 */
export async function returnConfs(
  session: Session,
  { journals }: Incident,
  nodes: NodesTarget | undefined,
  common: Common,
  progress: Progress,
): Promise<string[]> {
  const listed = changedNodes(journals);
  if (listed.length === 0) return [];
  if (!nodes)
    return [
      `the confs of ${listed.length} nodes may name the new pair (${someOf(listed.map(({ node }) => node))}): give nodes in the settings, or put each back from its incident directory`,
    ];
  const results = await overNodes({ session, nodes, common }, listed, returnManagers, (done) =>
    progress.step(`putting the confs of storage and gateway nodes back: ${done} of ${listed.length}`),
  );
  const failed = results.filter((result) => "problem" in result);
  if (failed.length > 0)
    throw new Error(
      `both managers are as they were before ${common.incident}, but the confs of ${failed.length} of ${listed.length} nodes are not:\n${failed
        .map(({ node, problem }) => `  - ${node.node}: ${problem}`)
        .join("\n")}\nMend that and run pulumi up again, or take nodes out of the settings.`,
    );
  const returned = results.flatMap((result) => ("seen" in result && result.seen ? [result.node.node] : []));
  return returned.length > 0
    ? [`the confs of ${returned.length} storage and gateway nodes are those from before: ${someOf(returned)}`]
    : [];
}

/** What a rollback would do about confs of nodes. */
export function returnText({ journals }: Incident): string[] {
  const listed = changedNodes(journals);
  return listed.length === 0
    ? []
    : [
        `confs of ${listed.length} storage and gateway nodes as before the incident (${someOf(listed.map(({ node }) => node))})`,
      ];
}

/** The nodes whose confs an incident may have changed: while it is at it, all that it set out to change. */
function changedNodes(journals: readonly Noted[]): ListedNode[] {
  return journals.flatMap((journal) => {
    const [begun, done] = [entries.nodes.begun(journal), entries.nodes.done(journal)];
    // Times are no help: each run notes by the clock of its own operator.
    return (done && done.round === begun?.round ? done : begun)?.nodes ?? [];
  });
}

/** Nodes of either list, each once, as the journal has them. */
const union = (some: readonly ListedNode[], more: readonly ListedNode[]): ListedNode[] => [
  ...new Map([...some, ...more].map(({ node, type }) => [node, { node, type }])).values(),
];
