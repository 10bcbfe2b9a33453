import type { CopyTarget, FenceTarget, ManagerTarget, NodesTarget, OnFailure } from "../providers/arguments";
import { online } from "./online";
import type { Recipe } from "./recipe";

/** Arguments of `Move`. */
export interface MoveArgs {
  /** Name of the cluster. */
  cluster: string;
  /** Name of the move; a new one runs it again. */
  incident: string;
  /** The manager that moves, which runs now. It is stopped once `to` has every table. */
  from: FenceTarget;
  /** The other manager of the pair, which serves all the time. */
  stays: ManagerTarget;
  /** A fresh installation in the role of `from`, with another node name. */
  to: ManagerTarget;
  /** Refusals accepted by name. Default none. */
  accept?: string[];
  /** `rollback` puts the managers back as they were when the copy or the proof fails. Default `stop`. */
  onFailure?: OnFailure;
  /** Where a second copy of every backup goes, on another host. Default: none is made. */
  copyTo?: CopyTarget | undefined;
  /** How the hosts of storage and gateway nodes are reached: their confs name the pair then. Default: nobody logs in there. */
  nodes?: NodesTarget | undefined;
}

/**
 * A manager that is alive moves to another host or name. The online takeover, in which the one whose place is taken serves
 * until the new one has every table on its disc: then it is stopped, fenced and taken out of the tables.
 */
export function move({ from, stays, to, accept = [], ...rest }: MoveArgs): Recipe {
  return online({
    ...rest,
    accept,
    recovery: { kind: "takeover", lost: from.node, moves: true },
    managers: [stays, to],
    good: 0,
    lost: from.node,
    fence: from,
  });
}
