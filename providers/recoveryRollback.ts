import type * as pulumi from "@pulumi/pulumi";
import type { Handler } from "./contract/handler";
import { LeofsResource } from "./contract/resource";
import { nodesProblems } from "./nodes/nodeTargets";
import type { RecoveryRollbackInputs, RecoveryRollbackOutputs } from "./rollback/recoveryRollbackTypes";
import { rollbackPlan } from "./rollback/rollbackPlan";
import { rollbackWork } from "./rollback/rollbackWork";
import type { Session } from "./session/session";
import { pairIdentity, pairProblems } from "./targets/argumentProblems";
import type { CommonArgs, FenceTargetArgs, ManagerTargetArgs, NodesTargetArgs } from "./targets/arguments";

export const recoveryRollback = (
  session: Session,
): Handler<RecoveryRollbackInputs, RecoveryRollbackOutputs> => ({
  problems: (inputs) => [
    ...pairProblems(inputs),
    ...(inputs.nodes ? nodesProblems("nodes", inputs.nodes) : []),
  ],

  later: [],

  identity: pairIdentity,

  look: async (inputs) => ({ plan: await rollbackPlan(session, inputs) }),

  converge: (inputs, run) => rollbackWork(session, inputs, run),

  /** What was put back belongs to the cluster again: it may change as it likes. */
  observe: async () => ({}),
  /** Confs of nodes that were left for want of the way there are put back once it is given. */
  drifted: (state, { nodes }) => nodes !== undefined && state.nodes === undefined,
});

/** Arguments of `RecoveryRollback`. */
export interface RecoveryRollbackArgs extends CommonArgs {
  /** The two managers as the recovery was given them, in any order. */
  managers: [ManagerTargetArgs, ManagerTargetArgs];
  /** The lost manager, if the recovery fenced it: its fence is lifted. Default: it was not. */
  fence?: FenceTargetArgs | undefined;
  /** How the hosts of storage and gateway nodes are reached, if the recovery was told: their confs are put back. */
  nodes?: NodesTargetArgs | undefined;
}

/**
 * Puts both managers back as they were before an incident: Mnesia files, modes, owners, conf, whom the nodes follow, who
 * was running. Refused once the recovery is proven, or the new pair was put to use. Nothing is deleted. Afterwards the
 * incident is over: a new one recovers again.
 */
export class RecoveryRollback extends LeofsResource {
  declare readonly verdict: pulumi.Output<string>;
  /** From the stop of the manager with the data until it was back as before; 0 when it was not stopped. */
  declare readonly outageSeconds: pulumi.Output<number>;

  constructor(name: string, args: RecoveryRollbackArgs, opts?: pulumi.CustomResourceOptions) {
    super("RecoveryRollback", "recoveryRollback", name, { ...args }, ["verdict", "outageSeconds"], opts);
  }
}
