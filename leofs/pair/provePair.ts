import type { Report } from "../../remote/wait";
import type { NodeFact } from "../manager/evidence";
import type { Ring } from "../manager/rings";
import type { Dump } from "../mnesia/dump";
import { agreeOnRing, type RingsBefore } from "./agreedRing";
import { followersText, registerNodes, wantedOf } from "./followers";
import { type Pair, type PairEvidence, waitForPair } from "./pair";
import { compareConsoles } from "./sameConsoles";
import { proveRows } from "./sameRows";

/** What is known from before the outage, to hold the result against. */
export interface Baseline extends RingsBefore {
  /** Storage and gateway nodes the managers listed. */
  nodes: string[];
  /** Every row the pair must hold; undefined: the two are compared with each other only. */
  rows: Dump | undefined;
}

/** A proven registration: who follows the pair, and who could not be told. */
export interface RegistrationResult {
  /** Node name by node name, the managers it follows; undefined where it did not answer. */
  nodes: NodeFact[];
  /** Nodes that were listed before the outage and are not now. */
  gone: string[];
  ring: Ring;
  /** Nodes that have another ring than the managers, as they had before. */
  oddRings: string[];
  evidence: string[];
}

/**
 * Proves a pair whole: every table on the discs of both, the same rows on both, the same answers on both
 * consoles, every running node following them, one ring hash everywhere, equal to the one from before.
 *
 * @throws with the evidence for whatever does not hold.
 */
export async function provePair(
  pair: Pair,
  baseline: Baseline | undefined,
  report: Report,
): Promise<RegistrationResult> {
  const seen = await waitForPair(pair, report);
  const partners = checkPartners(pair, seen);
  const nodes = await registerNodes(pair, report);
  report("comparing rings, consoles and rows");
  const { ring, odd } = await agreeOnRing(pair, baseline, report);
  const oddRings = [...new Set(odd.map(({ node }) => node))];
  const rows = await proveRows(pair, baseline?.rows);
  const consoles = await compareConsoles(pair, seen.master);
  const listed = new Set(nodes.map(({ node }) => node));
  const gone = (baseline?.nodes ?? []).filter((node) => !listed.has(node));
  const running = nodes.filter((node) => node.answers);
  const evidence = [
    rows,
    partners,
    consoles,
    ring
      ? `ring hash ${ring[0]} on both managers and ${running.length - oddRings.length} running nodes${baseline?.ring ? ", as before" : ""}`
      : "no ring yet (no storage node was ever started)",
    ...oddRings.map((node) => `${node} has another ring than the managers, as it had before`),
    ...followersText(running, wantedOf(pair)),
  ];
  return { nodes, gone, ring, oddRings, evidence };
}

function checkPartners(pair: Pair, { master, slave }: PairEvidence): string {
  const wrong = [[master, pair.slave.spec.node] as const, [slave, pair.master.spec.node] as const].filter(
    ([evidence, partner]) => evidence.partners.join() !== partner,
  );
  const [one] = wrong;
  if (one)
    throw new Error(
      `${one[0].node} was started with the partner ${one[0].partners.join(", ") || "none"} and not ${one[1]}. Stop it, see that its conf names ${one[1]}, start it, and run pulumi up again.`,
    );
  return `each runs with the other as its partner (processes ${master.pid} and ${slave.pid})`;
}

/**
 * What the next `up` has to see to: nodes that did not answer, or are not listed any more.
 *
 * @param done nodes whose conf names the pair
 */
export function debtOf({ nodes, gone }: RegistrationResult, done: ReadonlySet<string>): string[] {
  return [
    ...nodes
      .filter((node) => !node.answers)
      .map(
        ({ type, node, state }) =>
          `${type} ${node} does not answer (listed as ${state}); ${done.has(node) ? "its conf names the new pair, so start it" : "it still has its old managers"}`,
      ),
    ...gone.map((node) => `${node} was listed before the recovery and is not now`),
  ];
}
