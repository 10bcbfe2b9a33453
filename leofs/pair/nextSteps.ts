import { settingOf } from "../conf/conf";
import type { Manager } from "../manager/manager";
import { partnerFile } from "../manager/settings";
import type { ListedNode } from "../names";
import { managersValue } from "../nodes/nodeConf";
import { wantedOf } from "./followers";
import type { Pair } from "./pair";

// Each short, because the Pulumi CLI cuts outputs of 150 characters.

/** Who writes a conf, when a comment in it says so. */
const writerOf = (text = ""): string | undefined =>
  /^\s*#.*\b(Ansible|Puppet|Chef|Salt)\b/im.exec(text)?.[1]?.replace(/^./, (first) => first.toUpperCase());

/** What configuration management would undo at its next run, for each manager: one line of one file, and what shows it. */
export const keepPartners = ({ master, slave }: Pair): string[] =>
  [
    [master, slave],
    [slave, master],
  ].flatMap(([manager, partner]) => {
    const { path, bytes } = partnerFile(manager!);
    const writer = writerOf(bytes);
    const who = writer ? `${writer} writes ${path}, as it says` : `if Ansible or the like writes ${path}`;
    return [
      `${who}: set manager.partner = ${partner!.spec.node} there, or it is undone`,
      ...(writer ? [`after its next run, on ${manager!.host.label}: grep manager.partner ${path}`] : []),
    ];
  });

/** The port by which another cluster speaks to a manager, as `join-cluster` wants it. */
const rpcPort = ({ settings: { conf, role } }: Manager): string =>
  settingOf(conf, "rpc.server.listen_port", role)!;

/**
 * What is left to do in the clusters that this one replicates with: they know our managers by name.
 *
 * @param lost the manager that is not there any more; undefined: it is not known
 */
export function tellPeers(
  pair: Pair,
  peers: Readonly<Record<string, readonly string[]>>,
  lost: string | undefined,
  survivor: Manager,
): string[] {
  if (lost === undefined) return [];
  const now = [pair.master, pair.slave].map((manager) => `${manager.spec.node}:${rpcPort(manager)}`);
  const before = [pair.master, pair.slave].map((manager) =>
    manager === survivor ? `${manager.spec.node}:${rpcPort(manager)}` : `${lost}:${rpcPort(manager)}`,
  );
  return Object.entries(peers).flatMap(([cluster, managers]) => [
    `on ${managers[0]} of ${cluster}, which knows ${lost}: leofs-adm remove-cluster ${before.join(" ")}`,
    `then, on ${managers[0]} of ${cluster}: leofs-adm join-cluster ${now.join(" ")}`,
  ]);
}

/**
 * What is left for a person: LeoFS's nodes read their managers from a file when they start, and one name in it that
 * does not answer keeps them from starting.
 */
export function nextSteps(pair: Pair, nodes: readonly ListedNode[]): string[] {
  const line = `managers = ${managersValue(wantedOf(pair))}`;
  return nodes.map(({ node, type }) => {
    const file = type === "storage" ? "leo_storage.conf" : "leo_gateway.conf";
    return `on the host of ${node}: set "${line}" in etc/${file}, or it cannot restart`;
  });
}

/** The same of the confs of the nodes that were changed. */
export const keepManagers = (pair: Pair): string =>
  `if Ansible or the like writes the confs of the nodes: set managers = ${managersValue(wantedOf(pair))} there, or it is undone`;
