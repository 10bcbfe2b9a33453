import { probe, type Reach } from "../manager/ask";
import type { ManagerView } from "./view";

/**
 * Managers that the survivor is configured with, that its Mnesia knows, or that a storage or gateway node follows, besides the
 * lost one and the two of the new pair. One of them may be the true partner, whatever the settings call lost.
 */
export function otherManagers(lost: string, survivor: ManagerView, replacement: ManagerView): string[] {
  const { evidence, site } = survivor;
  const known = [
    site.settings.partner ?? "",
    ...(evidence?.partners ?? []),
    ...(evidence?.knownManagers ?? []),
    ...(evidence?.nodes ?? []).flatMap(({ follows }) => follows ?? []),
  ];
  const pair = [lost, site.manager.node, replacement.site.manager.node];
  return [...new Set(known)].filter((node) => node.includes("@") && !pair.includes(node));
}

/** Whether a node answers, asked from both hosts, since a network may be cut between two of them alone. */
export async function probeFromBoth(node: string, views: readonly ManagerView[]): Promise<Reach> {
  const hosts = views.map(({ site }) => site).filter(({ facts }) => facts.tools.erlang);
  const probes = await Promise.all(hosts.map((site) => probe(site, node)));
  return (
    probes.find(({ answers }) => answers) ??
    probes[0] ?? { node, answers: false, evidence: "asked from nowhere" }
  );
}
