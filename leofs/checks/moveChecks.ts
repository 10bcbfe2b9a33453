import { messageOf } from "../../remote/errors";
import type { ManagerEvidence } from "../manager/evidence";
import { lacking } from "../manager/ready";
import type { CheckList } from "./check";
import type { FenceView } from "./fenceChecks";

/** A manager that is to move, and the one that stays. */
export interface Moving {
  /** The one that moves, on its host. */
  from: FenceView;
  /** What each says of itself; undefined: it does not answer. */
  moved: ManagerEvidence | undefined;
  stays: ManagerEvidence | undefined;
  /** Node names: the one that moves, the one that stays. */
  pair: readonly [string, string];
}

export const moveChecks: CheckList<Moving> = {
  of: "a manager that moves",
  checks: [
    {
      name: "moveServes",
      test: ({ from: { label }, moved, pair }) => {
        const [node] = pair;
        const missing = problemOf(moved, pair);
        return (
          missing &&
          `${label}: ${node} is to move, but it ${missing}. A move is for a pair that is whole. Mend it first: takeover, if it is gone; inPlace, if its files are damaged.`
        );
      },
    },
    {
      name: "moveEqual",
      test: ({ from: { label }, moved, stays, pair: [node, other] }) => {
        if (!moved || !stays) return undefined;
        const apart = [
          ...(moved.runningManagers.includes(other) ? [] : [`${node} does not see ${other}`]),
          ...(stays.runningManagers.includes(node) ? [] : [`${other} does not see ${node}`]),
        ];
        return apart.length > 0
          ? `${label}: the Mnesia of ${node} and that of ${other} run apart (${apart.join("; ")}), so each may have rows that the other one does not. Join them first: in-place recovery of the one with the older data.`
          : undefined;
      },
    },
    {
      name: "moves",
      level: "fact",
      test: ({ stays, pair: [node, other] }) =>
        stays &&
        `${node} and ${other} serve the same ${stays.tables.size} tables; ${node} is stopped once the new manager has every one of them`,
    },
  ],
};

function problemOf(evidence: ManagerEvidence | undefined, pair: readonly string[]): string | undefined {
  try {
    return lacking(evidence, pair);
  } catch (error) {
    return `is not whole: ${messageOf(error)}`;
  }
}
