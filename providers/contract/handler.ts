import type { PlanLine } from "../../leofs/planLine";
import type { Common, ManagerTarget } from "../targets/arguments";
import type { Progress } from "./progress";

/** What one kind of resource does, in plain values: no Pulumi, so that it can be tested and reused as it is. */
export interface Handler<Inputs extends Common, Outputs extends object> {
  /** What is wrong with the inputs, one sentence each, never with a value of a credential. Looks at no host. */
  problems(inputs: Inputs): string[];
  /** Inputs that only an earlier resource makes known; a look does without them. */
  later: readonly (keyof Inputs & string)[];
  /** What identifies the work of an incident; changing it needs a new incident. */
  identity(inputs: Inputs): Record<string, unknown>;
  /**
   * Looks at the hosts, read-only and briefly, and says what would be done. `computed` inputs are kept with the
   * resource and known in preview. Must not throw for a host that cannot be reached: that is a line of the plan.
   */
  look(inputs: Inputs, before: Inputs | undefined): Promise<Planned<Inputs>>;
  /** Begins looks at pairs whose own checks come later. Default: nothing. */
  lookAhead?(pairs: readonly Ahead[]): void;
  /** `converge` goes by what a look computes, so an `up` always looks. Default: a look of what is yet to be made is for the plan. */
  decides?: true;
  /** Does the work, or finds it done: run twice, or after a crash at any point, it ends in the same place. */
  converge(inputs: Inputs, run: Run): Promise<Outputs>;
  /**
   * What is there now, for `pulumi refresh`; what is not so any more is warned of. Throws `Unreached` when it cannot know: a
   * resource that was made keeps what was seen last, which is said, so that a dead host of an old incident stops no refresh.
   */
  observe(state: Inputs & Outputs, progress: Progress): Promise<Partial<Outputs>>;
  /**
   * What whoever previews, reads or forgets this resource must know of the hosts; undefined: nothing. Default: nothing. Must not
   * throw, and is brief: forgetting works whatever the hosts do.
   */
  standing?(state: Inputs): Promise<string | undefined>;
  /** Whether what was observed last differs from what is wanted, or the look says that there is something to do again. */
  drifted(state: Inputs & Outputs, wanted: Inputs): boolean;
}

/** A pair that the same program recovers. */
export interface Ahead extends Common {
  managers: readonly [ManagerTarget, ManagerTarget];
}

/** A host that does not answer, so that what is there now cannot be known. */
export class Unreached extends Error {}

/** What a look found. */
export interface Planned<Inputs> {
  plan: PlanLine[];
  computed?: Partial<Inputs>;
  /** The managers are as the service steps before this resource leave them: those are done. Default: not known. */
  ready?: boolean;
  /** What was made for this incident and is not so any more: warned of, and mended by this `up`. */
  notSo?: string[];
  /** What nothing can be done about by this resource: stays on the screen, and changes nothing. */
  warnings?: string[];
}

/** One run of `converge`. */
export interface Run {
  progress: Progress;
  /** Called before the first change on a host: from then on a failure keeps the resource in the state. */
  touching(): void;
}
