import type { Common, FenceTarget, ManagerTarget, NodesTarget } from "../targets/arguments";

/** Inputs of `RecoveryRollback` as its provider gets them. */
export interface RecoveryRollbackInputs extends Common {
  /** The two managers as the recovery was given them, in any order. */
  managers: [ManagerTarget, ManagerTarget];
  /** The lost manager, if the recovery fenced it: its fence is lifted. Default: it was not. */
  fence?: FenceTarget | undefined;
  /** How the hosts of storage and gateway nodes are reached, if the recovery was told: their confs are put back. */
  nodes?: NodesTarget | undefined;
}

/** Outputs of `RecoveryRollback`. */
export interface RecoveryRollbackOutputs {
  verdict: string;
  /** From the stop of the manager with the data until it was back as before; 0 when it was not stopped. */
  outageSeconds: number;
  evidence: string[];
}
