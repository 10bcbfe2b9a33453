import { messageOf } from "../../remote/errors";
import { type Look, type Report, waitFor } from "../../remote/wait";
import { expressions } from "../erlang/expressions";
import { atom, list } from "../erlang/terms";
import type { NodeFact } from "../manager/evidence";
import type { Manager } from "../manager/manager";
import { someOf } from "../sentence";
import type { Pair } from "./pair";

/** Node names of a pair, the master first: as nodes are told, and as their confs name them. */
export const wantedOf = (pair: Pair): string[] => [pair.master.spec.node, pair.slave.spec.node];

/** Nodes that answer and follow other managers than the pair's. */
export const strays = (nodes: readonly NodeFact[], wanted: readonly string[]): NodeFact[] =>
  nodes.filter((node) => node.answers && node.follows?.join() !== wanted.join());

/**
 * Makes every running storage and gateway node follow the pair and proves it node by node, over Erlang
 * distribution. `update-managers` is not believed: it answers OK for unknown names, skips what is not
 * `running`, and tells no gateway when one storage node fails; what it left out is told directly.
 *
 * @throws when a node that answers cannot be brought to follow the pair.
 */
export async function registerNodes(pair: Pair, report: Report): Promise<NodeFact[]> {
  const { master } = pair;
  const wanted = wantedOf(pair);
  const look = async (): Promise<NodeFact[]> => (await master.evidence()).nodes;
  let nodes = await look();
  if (strays(nodes, wanted).length === 0) return nodes;
  report(`update-managers ${wanted.join(" ")} for ${strays(nodes, wanted).length} nodes`);
  try {
    await master.console.updateManagers(wanted[0]!, wanted[1]!);
  } catch (error) {
    report(`update-managers said: ${messageOf(error)}; asking the nodes themselves`);
  }
  nodes = await look();
  for (const node of strays(nodes, wanted)) await tell(master, node, wanted);
  return waitFor(
    master.host.clock,
    "every running node to follow the pair",
    30,
    async (): Promise<Look<NodeFact[]>> => {
      nodes = await look();
      const left = strays(nodes, wanted);
      if (left.length === 0) return { done: nodes };
      return { waiting: left.map((node) => `${node.node} follows ${node.follows?.join(", ")}`).join("; ") };
    },
  );
}

const UPDATE_MANAGERS = expressions("leofs/pair/questions/update-managers.erl");

/** What `update-managers` makes a node do, for one node that it left out. Asked through a manager that runs. */
export async function tell(
  master: Manager,
  node: Pick<NodeFact, "node" | "type">,
  wanted: readonly string[],
): Promise<void> {
  const values = {
    Node: atom(node.node),
    Module: atom(node.type === "storage" ? "leo_storage_api" : "leo_gateway_api"),
    Managers: list(wanted.map(atom)),
  };
  await master.ask(UPDATE_MANAGERS, values, { once: true });
}

/** A line each, unless there are so many that nobody would read them. */
export const followersText = (running: readonly NodeFact[], pair: readonly string[]): string[] =>
  running.length > 10
    ? [
        `${running.length} running nodes follow ${pair.join(" and ")}, as each said itself: ${someOf(running.map(({ node }) => node))}`,
      ]
    : running.map((node) => `${node.node} follows ${node.follows?.join(" and ")}, as it said itself`);
