import type { NodeFact } from "./evidence";

/** Ring hashes of a manager or node, current and previous; undefined: it has no ring. */
export type Ring = [string, string] | undefined;

/** A node with its ring, as the managers list it or as it says itself. */
export type NodeRing = Pick<NodeFact, "node" | "ring">;

export const ringText = (ring: Ring): string => ring?.join("/") ?? "none";

/** Nodes whose ring is another one than this. */
export const besides = <Node extends NodeRing>(ring: Ring, nodes: readonly Node[]): Node[] =>
  nodes.filter((node) => ringText(node.ring) !== ringText(ring));

/** Nodes by name, each with its ring in words. */
export const ringsByNode = (nodes: readonly NodeRing[]): Map<string, string> =>
  new Map(nodes.map(({ node, ring }) => [node, ringText(ring)]));

/**
 * Running storage and gateway nodes whose ring is not the managers', by node name: which they have.
 *
 * @param ring the managers' own; undefined: they did not say, and the nodes are compared with the first of them
 */
export function otherRings(ring: Ring | "none", nodes: readonly NodeFact[]): Map<string, string> {
  const running = nodes.filter((node) => node.answers && node.state === "running");
  return ringsByNode(besides(ring === "none" ? undefined : (ring ?? running[0]?.ring), running));
}
