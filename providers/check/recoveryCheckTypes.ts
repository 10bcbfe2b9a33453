import type { RecoveryCase } from "../../leofs/checks/recoveryCase";
import type { Choice } from "../../leofs/incident/incident";
import type { Copying } from "../backup/secondCopies";
import type { FenceTarget, ManagerTarget } from "../targets/arguments";

/** Inputs of `RecoveryCheck` as its provider gets them. */
export interface RecoveryCheckInputs extends Copying {
  recovery: RecoveryCase;
  /** `[survivor, replacement]`, or the two managers of an in-place recovery in any order. */
  managers: [ManagerTarget, ManagerTarget];
  /** Refusals that the operator accepts by name. */
  accept: string[];
  /** The lost manager (takeover), kept from starting before the first change. Default: it is not fenced. */
  fence?: FenceTarget | undefined;
  /** What was decided; made by the look in preview. */
  choice?: Choice;
  /** Both hosts were seen, and on one of them nothing was done beyond the check yet: a run checks again. Made by the look. */
  again?: boolean;
}

/** Outputs of `RecoveryCheck`. */
export interface RecoveryCheckOutputs {
  choice: Choice;
  /** It was done just now: only a look says that it is needed again. A refresh would find the input's word otherwise. */
  again: false;
  evidence: string[];
}
