import type { NodeFact } from "./evidence";

/** Ring hashes of a manager or node, current and previous; undefined: it has no ring. */
export type Ring = [string, string] | undefined;

export const ringText = (ring: Ring): string => ring?.join("/") ?? "none";

/**
 * Running storage and gateway nodes whose ring is not the managers', by node name: which they have.
 *
 * @param ring the managers' own; undefined: they did not say, and the nodes are compared with the first of them
 */
export function otherRings(ring: Ring | "none", nodes: readonly NodeFact[]): Record<string, string> {
  const running = nodes.filter((node) => node.answers && node.state === "running");
  const wanted = ring === "none" ? ringText(undefined) : ringText(ring ?? running[0]?.ring);
  return Object.fromEntries(
    running.map((node) => [node.node, ringText(node.ring)] as const).filter(([, has]) => has !== wanted),
  );
}
