import * as pulumi from "@pulumi/pulumi";
import { RecoveryRollback } from "../providers/recoveryRollback";
import type {
  FenceTarget,
  ManagerTarget,
  NodesTarget,
  NodesTargetArgs,
} from "../providers/targets/arguments";
import type { RecoveryOutcome } from "./outcome";
import { numberedPlan } from "./plan";
import { secretTarget, withSecrets } from "./secretTarget";

/** Arguments of `Rollback`. */
export interface RollbackArgs {
  /** Name of the cluster. */
  cluster: string;
  /** Name of the outage whose recovery is undone. */
  incident: string;
  /** The two managers as the recovery was given them, in any order. */
  managers: [ManagerTarget, ManagerTarget];
  /** The lost manager, if the recovery fenced it. Default: it did not. */
  fence?: FenceTarget | undefined;
  /** How the hosts of storage and gateway nodes are reached, if the recovery was told. Default: it was not. */
  nodes?: NodesTarget | undefined;
}

const RISK =
  "what was written since the recovery stays in a directory beside the old one; nothing is deleted. Users and buckets cannot be made while a manager is put back.";

/**
 * Undoes a recovery that was not proven: declared in its place, so that `pulumi up` puts the hosts back and forgets the
 * recovery's resources, whose deletion touches nothing.
 */
export class Rollback extends pulumi.ComponentResource {
  /** Every step in order, as seen from the live hosts; empty when it is done. */
  readonly plan: pulumi.Output<string[]>;
  readonly outcome: pulumi.Output<RecoveryOutcome>;

  constructor(name: string, args: RollbackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("leofs:recovery:Rollback", name, {}, opts);
    const { cluster, incident, managers } = args;
    const nodes = args.nodes && (withSecrets(args.nodes) as NodesTargetArgs);
    const fence = args.fence && secretTarget(args.fence);
    const rollback = new RecoveryRollback(
      `${name}-rollback`,
      { cluster, incident, managers: [secretTarget(managers[0]), secretTarget(managers[1])], fence, nodes },
      { parent: this },
    );
    const title = `roll the incident ${incident} back: both managers as they were before it`;
    this.plan = numberedPlan(this, [{ title, resource: rollback }], RISK);
    this.outcome = pulumi.all([rollback.verdict, rollback.outageSeconds, rollback.evidence]).apply(
      ([verdict, outageSeconds, evidence]): RecoveryOutcome => ({
        incident,
        verdict,
        provenAt: "",
        outageSeconds: outageSeconds ?? 0,
        evidence,
        backups: {},
        debt: [],
        nextSteps: ["to recover again: take rollback out of the settings and give a new incident name"],
      }),
    );
    this.registerOutputs({ plan: this.plan, outcome: this.outcome });
  }
}
