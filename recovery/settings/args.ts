import type { Method } from "../../leofs/checks/recoveryCase";
import type { CopyTarget, NodesTarget, OnFailure } from "../../providers/targets/arguments";

/** What every recovery is told besides its managers. The settings of a cluster hold the same. */
export interface RecoveryArgs {
  /** Name of the cluster. */
  cluster: string;
  /** Name of the outage, or of the move. The same one never runs twice; a new one runs the recovery again. */
  incident: string;
  /** Refusals accepted by name. Default none. */
  accept?: string[];
  /** `rollback` puts the managers back as they were when the load, the copy or the proof fails. Default `stop`. */
  onFailure?: OnFailure;
  /** `online`: the manager with the data is never stopped. Default `offline`: both are, as LeoFS documents it. */
  method?: Method;
  /** Where a second copy of every backup goes, on another host. Default: none is made. */
  copyTo?: CopyTarget | undefined;
  /** How the hosts of storage and gateway nodes are reached: their confs name the pair then. Default: nobody logs in there. */
  nodes?: NodesTarget | undefined;
}
