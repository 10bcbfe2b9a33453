import type { HostTarget, ManagerTarget } from "../../providers/targets/arguments";
import { type ClusterSettings, managersOf } from "./cluster";

/** What is wrong with settings that are right one by one. */
export function betweenProblems(where: string, cluster: ClusterSettings): string[] {
  const { takeover, move, copyTo } = cluster;
  const managers = managersOf(cluster);
  const kind = takeover ? "takeover" : move ? "move" : "inPlace";
  const problems: string[] = [];
  const [one, two] = managers;
  if (one.node === two.node)
    problems.push(`${where}.${kind}: both managers are called ${one.node}; they are two`);
  if (takeover) problems.push(...takeoverProblems(`${where}.takeover`, takeover));
  for (const [name, { node }] of Object.entries(move ? { stays: move.stays, to: move.to } : {}))
    if (node === move!.from.node)
      problems.push(
        `${where}.move.${name}.node is ${node}, as from is called: a manager that moves gets another node name, and the one that stays is the other of the pair`,
      );
  const beside = copyTo && managers.find((manager) => sameHost(manager, copyTo));
  if (beside)
    problems.push(
      `${where}.copyTo is the host of ${beside.node}: a second copy must be on a host of its own, or both are lost with it`,
    );
  return problems;
}

function takeoverProblems(
  where: string,
  { lost, survivor, replacement, fence }: NonNullable<ClusterSettings["takeover"]>,
): string[] {
  const problems: string[] = [];
  if (survivor.node === lost) problems.push(`${where}.survivor.node is ${lost}, which is called lost`);
  if (replacement.node === lost)
    problems.push(
      `${where}.replacement.node is ${lost}, the lost manager's own name: with the same name use inPlace, which needs no new registration`,
    );
  const fenced = [survivor, replacement].find(
    (manager: ManagerTarget) => fence && sameHost(manager, fence) && manager.home === fence.home,
  );
  if (fenced)
    problems.push(
      `${where}.fence.home is the home of ${fenced.node}, which is not the lost manager: it would be kept from starting`,
    );
  return problems;
}

/** Whether two targets are on the same host, as far as their settings say. */
function sameHost(one: HostTarget, other: HostTarget): boolean {
  const at = ({ connection }: HostTarget) => JSON.stringify([connection.host, connection.port ?? 22]);
  return at(one) === at(other);
}
