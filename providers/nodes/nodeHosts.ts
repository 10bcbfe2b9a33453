import limitOf from "p-limit";
import type { ListedNode } from "../../leofs/names";
import type { NodeOnHost } from "../../leofs/nodes/changeManagers";
import { labelOf } from "../../remote/connection";
import { messageOf } from "../../remote/errors";
import { hasKind } from "../../remote/host";
import { type Seen, tried } from "../session/looks";
import type { Session } from "../session/session";
import type { SharedHost } from "../session/surroundings";
import { type Common, incidentIn, type NodesTarget, type NodeTarget } from "../targets/arguments";
import { nodeTarget } from "./nodeTargets";

/** Hosts of nodes that are worked on at once: each costs a connection here and a login there. */
const HOSTS_AT_ONCE = 24;

/** The ways to the hosts of a cluster's nodes, and for which incident they are used. */
export interface NodeWays {
  session: Session;
  nodes: NodesTarget;
  common: Common;
}

/** What became of one node: what was seen or done, or why it could not be. */
export type NodeResult<T> = { node: ListedNode; label: string } & (
  | { seen: T }
  | { problem: string; unreachable: boolean }
);

/**
 * Works on the nodes of a cluster host by host: one login for each host, its nodes one after the other, the connection
 * closed afterwards unless it was there before. A node that cannot be worked on is a result; no error ends the others.
 * When nobody of the first hosts can be reached, the rest is not tried: then it is the way there that is cut.
 *
 * @param report told how many nodes are done
 */
export async function overNodes<T>(
  ways: NodeWays,
  listed: readonly ListedNode[],
  work: (on: NodeOnHost) => Promise<T>,
  report: (done: number) => void = () => undefined,
): Promise<NodeResult<T>[]> {
  const limit = limitOf(HOSTS_AT_ONCE);
  const results: NodeResult<T>[] = [];
  let reached = 0;
  const oneHost = async (host: Seen<SharedHost>, targets: readonly NodeTarget[]): Promise<void> => {
    const known = "seen" in host && host.seen.connected;
    let cut: string | undefined;
    for (const target of targets) {
      const label = labelOf(target.connection);
      const node = { node: target.node, type: target.type };
      if (reached === 0 && results.length >= HOSTS_AT_ONCE && !known)
        cut ??= `not tried: none of the first ${HOSTS_AT_ONCE} nodes' hosts could be reached`;
      const result = cut
        ? { problem: cut, unreachable: true }
        : await workOn(host, target, ways.common, work);
      if ("seen" in result || !result.unreachable) reached += 1;
      else cut = result.problem;
      results.push({ node, label, ...result });
      report(results.length);
    }
    if ("seen" in host && !known) host.seen.closeUnused();
  };
  await Promise.all(
    (await byHost(ways, listed)).map(({ host, targets }) => limit(() => oneHost(host, targets))),
  );
  return results.sort((a, b) => (a.node.node < b.node.node ? -1 : 1));
}

async function workOn<T>(
  host: Seen<SharedHost>,
  target: NodeTarget,
  common: Common,
  work: (on: NodeOnHost) => Promise<T>,
): Promise<{ seen: T } | { problem: string; unreachable: boolean }> {
  if ("problem" in host) return { problem: host.problem, unreachable: true };
  const { connection: _, privateKeyFile: _file, backupDirectory, ...spec } = target;
  const on = {
    host: host.seen,
    spec,
    backupDirectory,
    incidentDirectory: incidentIn(backupDirectory, common),
  };
  try {
    return { seen: await work(on) };
  } catch (error) {
    const unreachable = ["unreachable", "authentication", "hostKey"].some((kind) => hasKind(error, kind));
    return { problem: messageOf(error), unreachable };
  }
}

/** The nodes by the connection that leads to them. */
async function byHost(
  { session, nodes }: NodeWays,
  listed: readonly ListedNode[],
): Promise<{ host: Seen<SharedHost>; targets: NodeTarget[] }[]> {
  const hosts = new Map<SharedHost | NodeTarget, { host: Seen<SharedHost>; targets: NodeTarget[] }>();
  for (const one of listed) {
    const target = nodeTarget(nodes, one);
    const host = await tried(async () => session.hostOf(target));
    const key = "seen" in host ? host.seen : target;
    const entry = hosts.get(key);
    if (entry) entry.targets.push(target);
    else hosts.set(key, { host, targets: [target] });
  }
  return [...hosts.values()];
}
