import type { FenceTarget, ManagerTarget } from "../../providers/targets/arguments";
import type { RecoveryArgs } from "./args";

// Not inferred from the schema: a target has its connection's keys beside its own here, and the API's documentation is this text.
/** The recovery of one cluster, as configured. */
export interface ClusterSettings extends Omit<RecoveryArgs, "cluster"> {
  /** Name of the cluster in the settings. */
  name: string;
  /** Undo what was done for the incident instead of going on with it. Default false. */
  rollback: boolean;
  /** A manager is gone and another takes its place. */
  takeover?: {
    lost: string;
    survivor: ManagerTarget;
    replacement: ManagerTarget;
    /** The lost manager on its host, kept from starting meanwhile. Default: it is not. */
    fence?: Omit<FenceTarget, "node">;
  };
  /** A manager that is alive moves to another host or name while `stays` serves; always online. */
  move?: { from: FenceTarget; stays: ManagerTarget; to: ManagerTarget };
  /** A manager's files are damaged. `donor`: index of the good one, or `auto`. */
  inPlace?: { managers: [ManagerTarget, ManagerTarget]; donor: 0 | 1 | "auto" };
}

/** The two managers of a cluster, whatever its case. */
export const managersOf = ({ takeover, move, inPlace }: ClusterSettings): [ManagerTarget, ManagerTarget] => {
  if (move) return [move.stays, move.to];
  return takeover ? [takeover.survivor, takeover.replacement] : inPlace!.managers;
};

/** Which recovery a cluster is configured for, in words. */
export function recoveryText({ takeover, move }: ClusterSettings): string {
  if (move) return `move of ${move.from.node} to ${move.to.node}`;
  return takeover ? `takeover of ${takeover.lost}` : "recovery in place";
}

/** The manager that is fenced: the one that moves, or the lost one of a takeover; undefined: none is. */
export const fencedOf = ({ takeover, move }: ClusterSettings): FenceTarget | undefined =>
  move?.from ?? (takeover?.fence && { ...takeover.fence, node: takeover.lost });
