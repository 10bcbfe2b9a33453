import type { NodeFact } from "../../leofs/manager/evidence";

/** What is seen of a pair after its recovery was proven. */
export interface SeenPair {
  /** Managers of the pair that are down. */
  down: string[];
  /** Managers beyond the pair that its tables are on too. */
  strangers?: string[];
  /** Who each storage and gateway node follows, as it said itself; `no answer` where it did not. */
  followers?: Record<string, string>;
}

/** Said of a node that did not answer. */
const NO_ANSWER = "no answer";

/** Who each node follows, by node name. */
export const followersOf = (nodes: readonly NodeFact[]): Record<string, string> =>
  Object.fromEntries(nodes.map(({ node, follows }) => [node, follows?.join(", ") ?? NO_ANSWER]));

/** Nodes that follow other managers than the pair's, with whom they follow. A node that is down follows nobody. */
export const strayFollowers = (
  pair: readonly string[],
  followers: Record<string, string> = {},
): [node: string, follows: string][] => {
  const wanted = [...pair].sort().join();
  return Object.entries(followers).filter(
    ([, follows]) => follows !== NO_ANSWER && follows.split(", ").sort().join() !== wanted,
  );
};

/**
 * What was proven of a pair and is not so now, one sentence each.
 *
 * @param pair node names of its managers
 * @param proven when it was proven (ISO 8601); undefined where an earlier version did not note it
 */
export function notSo(
  pair: readonly string[],
  { down, strangers = [], followers }: SeenPair,
  proven: string | undefined,
): string[] {
  const then = `when the recovery was proven${proven === undefined ? "" : `, at ${proven}`}`;
  return [
    ...down.map((node) => `NOT SO ANY MORE: ${node} is down; it ran ${then}. pulumi up starts it.`),
    ...strangers.map(
      (node) =>
        `NOT SO ANY MORE: ${node} has a copy of every table too; only ${pair.join(" and ")} had ${then}. Stop it for good; pulumi up takes it out.`,
    ),
    ...strayFollowers(pair, followers).map(
      ([node, follows]) =>
        `NOT SO ANY MORE: ${node} follows ${follows}; it followed ${pair.join(" and ")} ${then}. pulumi up tells it the pair again.`,
    ),
  ];
}

/** Said of a manager that was proven, and whose host cannot be looked at now. */
export const provenBefore = (node: string, proven: string | undefined, problem: string): string =>
  `${node} was proven at ${String(proven)} and cannot be looked at now: ${problem}`;
