import type * as pulumi from "@pulumi/pulumi";
import type { Offline } from "../leofs/pair/outage";
import type { Handler } from "./contract/handler";
import { LeofsResource } from "./contract/resource";
import { nodesProblems } from "./nodes/nodeTargets";
import type {
  ManagerRegistrationInputs,
  ManagerRegistrationOutputs,
} from "./registration/managerRegistrationTypes";
import { isAdrift, observeRegistration } from "./registration/registrationDrift";
import { registrationPlan } from "./registration/registrationPlan";
import { registrationWork } from "./registration/registrationWork";
import type { Session } from "./session/session";
import { pairIdentity, pairProblems } from "./targets/argumentProblems";
import type {
  CommonArgs,
  FenceTargetArgs,
  ManagerTargetArgs,
  NodesTargetArgs,
  OnFailure,
} from "./targets/arguments";

export const managerRegistration = (
  session: Session,
): Handler<ManagerRegistrationInputs, ManagerRegistrationOutputs> => ({
  problems: (inputs) => [
    ...pairProblems(inputs),
    ...(inputs.nodes ? nodesProblems("nodes", inputs.nodes) : []),
  ],

  later: ["baseline", "expected"],

  identity: pairIdentity,

  look: (inputs, before) => registrationPlan(session, inputs, before),

  converge: (inputs, run) => registrationWork(session, inputs, run),

  observe: (state, progress) => observeRegistration(session, state, progress),

  drifted: isAdrift,
});

/** Arguments of `ManagerRegistration`. */
export interface ManagerRegistrationArgs extends CommonArgs {
  /** The two managers of the pair; `managers[0]` is the one that had the data. */
  managers: [ManagerTargetArgs, ManagerTargetArgs];
  /** Directory of the dump taken before the outage, on the host of `managers[0]`. */
  baseline?: pulumi.Input<string>;
  /** Directory of a dump, on the same host, whose rows the pair must hold. */
  expected?: pulumi.Input<string>;
  /** The pair has the names it had (in place). Default false. */
  sameNames?: pulumi.Input<boolean>;
  /** Which procedure stops both managers before this, for the plan. Default: none does. */
  offline?: pulumi.Input<Offline>;
  /** `rollback` puts both managers back as they were when the proof fails. Default `stop`. */
  onFailure?: pulumi.Input<OnFailure>;
  /** The lost manager, whose fence is lifted once the pair is proven. Default: it was not fenced. */
  fence?: FenceTargetArgs | undefined;
  /** How the hosts of storage and gateway nodes are reached: their confs name the pair then. Default: nobody logs in there. */
  nodes?: NodesTargetArgs | undefined;
}

/**
 * Makes the storage and gateway nodes follow the pair and proves the pair whole. `update-managers` changes the
 * memory of running nodes only; with `nodes` their conf files name the pair too, so that they follow it after their next
 * start. What was down or could not be reached is debt that the next `up` pays; without `nodes` what the conf files still
 * need is said in `nextSteps`.
 */
export class ManagerRegistration extends LeofsResource {
  declare readonly verdict: pulumi.Output<string>;
  declare readonly followers: pulumi.Output<Record<string, string>>;
  declare readonly down: pulumi.Output<string[]>;
  declare readonly strangers: pulumi.Output<string[]>;
  declare readonly debt: pulumi.Output<string[]>;
  declare readonly nextSteps: pulumi.Output<string[]>;
  declare readonly ring: pulumi.Output<string>;
  declare readonly outageSeconds: pulumi.Output<number>;
  declare readonly provenAt: pulumi.Output<string>;

  constructor(name: string, args: ManagerRegistrationArgs, opts?: pulumi.CustomResourceOptions) {
    const props = {
      ...args,
      baseline: args.baseline ?? "",
      expected: args.expected ?? "",
      sameNames: args.sameNames ?? false,
    };
    const known = ["verdict", "followers", "down", "strangers", "debt", "nextSteps", "ring"];
    super(
      "ManagerRegistration",
      "managerRegistration",
      name,
      props,
      [...known, "outageSeconds", "provenAt"],
      opts,
    );
  }
}
