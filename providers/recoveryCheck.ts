import type * as pulumi from "@pulumi/pulumi";
import type { RecoveryCase } from "../leofs/checks/recoveryCase";
import type { Choice } from "../leofs/incident/incident";
import { checkPlan } from "./check/checkPlan";
import { passCheck } from "./check/checkWork";
import type { RecoveryCheckInputs, RecoveryCheckOutputs } from "./check/recoveryCheckTypes";
import type { Handler } from "./contract/handler";
import { LeofsResource } from "./contract/resource";
import { lookAhead } from "./session/ahead";
import { halfWay } from "./session/halfWay";
import type { Session } from "./session/session";
import { copyProblems, pairProblems } from "./targets/argumentProblems";
import type {
  CommonArgs,
  CopyTargetArgs,
  FenceTargetArgs,
  ManagerTarget,
  ManagerTargetArgs,
} from "./targets/arguments";

export const recoveryCheck = (session: Session): Handler<RecoveryCheckInputs, RecoveryCheckOutputs> => ({
  problems: (inputs) => [...pairProblems(inputs), ...(inputs.copyTo ? copyProblems(inputs.copyTo) : [])],

  later: [],

  identity({ managers, recovery }) {
    const who = ({ node, home, backupDirectory }: ManagerTarget) => [node, home, backupDirectory];
    return { managers: managers.map(who), recovery };
  },

  decides: true,

  lookAhead: (pairs) => lookAhead(session, pairs),

  async look(inputs, before) {
    const earlier = before?.incident === inputs.incident ? before : undefined;
    return checkPlan(session, inputs, earlier);
  },

  converge: (inputs, run) => passCheck(session, inputs, run),

  /** A check is of its moment: what became of the pair since is seen by the steps that worked on it. */
  observe: async () => ({}),

  standing: (state) => halfWay(session, state.managers, state),

  /** Hours may lie between two runs: until something was done beyond the check, each run checks again. */
  drifted: (_, { again }) => again === true,
});

/** Arguments of `RecoveryCheck`. */
export interface RecoveryCheckArgs extends CommonArgs {
  /** Which recovery is about to begin. */
  recovery: pulumi.Input<RecoveryCase>;
  /** `[survivor, replacement]`, or the two managers of an in-place recovery in any order. */
  managers: [ManagerTargetArgs, ManagerTargetArgs];
  /** Refusals accepted by name. Default none. */
  accept?: pulumi.Input<string[]>;
  /** The lost manager, to be kept from starting until the recovery is proven. Default: it is not fenced. */
  fence?: FenceTargetArgs | undefined;
  /** Where second copies of the backups go, on another host. Default: none are made. */
  copyTo?: CopyTargetArgs | undefined;
}

/**
 * The first step of every recovery: looks at both managers, refuses with every reason at once or takes the lock, makes
 * the backup directories ready, and fences the lost manager. Its `choice` says which side is good.
 */
export class RecoveryCheck extends LeofsResource {
  /** Which manager has the good data and which is the master; known in preview. */
  declare readonly choice: pulumi.Output<Choice>;

  constructor(name: string, args: RecoveryCheckArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { ...args, accept: args.accept ?? [] };
    super("RecoveryCheck", "recoveryCheck", name, props, ["choice"], opts);
  }
}
