import type { FenceTarget, ManagerTarget } from "../providers/targets/arguments";
import { online } from "./online";
import type { Recipe } from "./recipe";
import type { RecoveryArgs } from "./settings/args";

/** Arguments of `Move`. */
export interface MoveArgs extends Omit<RecoveryArgs, "method"> {
  /** The manager that moves, which runs now. It is stopped once `to` has every table. */
  from: FenceTarget;
  /** The other manager of the pair, which serves all the time. */
  stays: ManagerTarget;
  /** A fresh installation in the role of `from`, with another node name. */
  to: ManagerTarget;
}

/**
 * A manager that is alive moves to another host or name. The online takeover, in which the one whose place is taken serves
 * until the new one has every table on its disc: then it is stopped, fenced and taken out of the tables.
 */
export function move({ from, stays, to, ...shared }: MoveArgs): Recipe {
  return online({
    ...shared,
    recovery: { kind: "takeover", lost: from.node, moves: true },
    managers: [stays, to],
    good: 0,
    lost: from.node,
    fence: from,
  });
}
