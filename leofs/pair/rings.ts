import type { Status } from "../console/console";
import type { Manifest } from "../incident/backups/manifest";
import type { ManagerEvidence, NodeFact } from "../manager/evidence";
import { besides, type NodeRing, otherRings, type Ring, ringsByNode, ringText } from "../manager/rings";
import { someOf } from "../sentence";

/** Running nodes as a manager lists them, and those that can be asked as they say themselves. */
export function ringsOf(status: Status, nodes: readonly NodeFact[]): NodeRing[] {
  const alive = new Set(nodes.filter(({ answers }) => answers).map(({ node }) => node));
  const listed = status.nodes
    .filter((row) => alive.has(row.node) && row.state === "running")
    .map(({ node, ring, previousRing }): NodeRing => ({ node, ring: [ring, previousRing] }));
  return [...listed, ...nodes.filter(({ answers, ring }) => answers && ring)];
}

/** Nodes that had another ring than the managers when the dump was taken, with it: a recovery cannot make that good. */
export const oddBefore = ({ ring, nodes = [] }: Pick<Manifest, "ring" | "nodes">): Map<string, string> =>
  ringsByNode(
    besides(
      ring,
      nodes.flatMap(({ node, ring: own }) => (own ? [{ node, ring: own }] : [])),
    ),
  );

/** Nodes that have another ring than the managers: `new` since the recovery, or the one from before. */
export function oddNow(
  ring: Ring,
  nodes: readonly NodeRing[],
  before: ReadonlyMap<string, string>,
): { new: NodeRing[]; asBefore: NodeRing[] } {
  const odd = besides(ring, nodes);
  const was = (one: NodeRing) => before.get(one.node) === ringText(one.ring);
  return { new: odd.filter((one) => !was(one)), asBefore: odd.filter(was) };
}

/** What a person may do about rings that were wrong before: LeoFS's own command, where it has one. */
export const ringSteps = (ring: Ring, odd: readonly string[]): string[] =>
  odd.length === 0
    ? []
    : ring === undefined
      ? [
          `the managers have no ring, as before, and ${odd.length} nodes have one: compare leofs-adm status with status NODE of each; do not run leofs-adm start before that`,
        ]
      : odd.map((node) => `${node} had another ring before too: "leofs-adm recover-ring ${node}"`);

/** The rings as they are before a recovery, for its plan; nothing where the manager did not say. */
export function ringPlan(evidence: Pick<ManagerEvidence, "ring" | "nodes"> | undefined): string[] {
  const { ring, nodes = [] } = evidence ?? {};
  if (ring === undefined) return [];
  const others = [...otherRings(ring, nodes)];
  const differing = others.map(([node, has]) => `${node} ${has}`);
  return [
    `  ring before: ${ring === "none" ? ring : ringText(ring)} on the managers${others.length > 0 ? `; ${others.length} of ${nodes.length} nodes have another one (${someOf(differing)})` : " and every running node"}`,
  ];
}
