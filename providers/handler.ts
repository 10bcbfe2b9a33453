import { incidentProblem } from "../leofs/names";
import { type PlanLine, urgent } from "../leofs/planLine";
import { messageOf } from "../remote/errors";
import { timed } from "../remote/timeline";
import type { Ahead } from "./ahead";
import type { Common } from "./arguments";
import { type Progress, progressOf } from "./progress";
import { Unreached } from "./session";

/** Keys that the frame of a resource owns, not its handler. */
interface Framed {
  __provider?: string;
  resourceUrn?: string;
  plan?: PlanLine[];
  /** Of inputs: what this `up` must mend. */
  notSo?: string[];
  /** Of a state: what the `up` that made it mended. */
  mended?: string[];
  ready?: boolean;
}

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

/** What all providers of a program share. */
export interface Program {
  /** Names of the clusters for which something was made. A program that made something is an `up`: it shows no plan any more. */
  readonly made: Set<string>;
}

/** The methods that Pulumi's provider host calls. */
export interface DynamicProvider {
  check(
    olds: object,
    news: object,
  ): Promise<{ inputs: object; failures: { property: string; reason: string }[] }>;
  diff(id: string, olds: object, news: object): Promise<{ changes: boolean; replaces: string[] }>;
  create(inputs: object): Promise<{ id: string; outs: object }>;
  update(id: string, olds: object, news: object): Promise<{ outs: object }>;
  read(id: string, props: object): Promise<{ id: string; props: object }>;
  delete(id: string, props: object): Promise<void>;
}

/** How Pulumi writes a value that is not known yet, at any depth of the inputs in preview. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value holds one that is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}

/** Names the resource in the state: incident and what it was done for. */
const idOf = (inputs: Common): string => `${inputs.cluster}/${inputs.incident}`;

/**
 * An error for the operator: the message, no stack, because the provider host prints what it has.
 *
 * The engine prints `reasons` and drops the message when a resource was begun, so all is in there.
 */
function plainError(error: unknown, begun?: { id: string; properties: object }): Error {
  const plain = new Error(messageOf(error));
  plain.stack = "";
  return begun ? Object.assign(plain, begun, { reasons: [plain.message] }) : plain;
}

/** Turns a handler into the provider that Pulumi's host calls, with the rules of its contract kept once. */
export function providerOf<Inputs extends Common, Outputs extends object>(
  handler: Handler<Inputs, Outputs>,
  program: Program = { made: new Set() },
): DynamicProvider {
  type In = Inputs & Framed;
  type State = Inputs & Outputs & Framed;
  const later = new Set<string>(handler.later);

  const check: DynamicProvider["check"] = async (olds, news) => {
    const { ahead, ...own } = news as In & { ahead?: string };
    const [before, inputs] = [olds as In, own as unknown as In];
    if (ahead) handler.lookAhead?.(JSON.parse(ahead));
    const failed = (reasons: string[]) => ({
      inputs,
      failures: reasons.map((reason) => ({ property: "", reason })),
    });
    const now = Object.entries(inputs).filter(([key]) => key !== "resourceUrn" && !later.has(key));
    if (hasUnknown(Object.fromEntries(now)))
      return {
        inputs: { ...inputs, plan: ["known once the resources before it are made"], ready: false },
        failures: [],
      };
    const problem = incidentProblem(inputs.incident);
    const problems = [...(problem ? [problem] : []), ...handler.problems(inputs)];
    if (problems.length > 0) return failed(problems);
    const known = before.incident === undefined ? undefined : before;
    if (known && known.incident === inputs.incident && !hasUnknown(known)) {
      const moved = changedKeys(handler.identity(known), handler.identity(inputs));
      if (moved.length > 0)
        return failed([
          `${moved.join(", ")} changed while the incident is still ${inputs.incident}. A recovery that was begun keeps its subjects; to recover again give a new incident name.`,
        ]);
    }
    // It is made next, and looks again itself: a look for a plan that nobody reads would only lengthen the outage.
    if (program.made.size > 0 && !handler.decides && known?.incident !== inputs.incident)
      return { inputs: { ...inputs, plan: ["seen when it is made"], ready: false }, failures: [] };
    try {
      const {
        plan,
        computed,
        ready = false,
        notSo = [],
        warnings = [],
      } = await timed("provider", `check ${shortName(inputs)}`, () => handler.look(inputs, known));
      for (const warning of [...notSo, ...warnings]) await progressOf(inputs.resourceUrn).warn(warning);
      // A resource that is made keeps its plan of then: what a preview must say of it is said beside it.
      if (known) await warn(inputs as State);
      return {
        inputs: {
          ...inputs,
          ...computed,
          plan: [...notSo, ...plan],
          ...(notSo.length > 0 && { notSo }),
          ready,
        },
        failures: [],
      };
    } catch (error) {
      return {
        inputs: { ...inputs, plan: [urgent(`cannot be planned now: ${messageOf(error)}`)], ready: false },
        failures: [],
      };
    }
  };

  const converge = async ({ notSo, ...rest }: In, before: object = {}): Promise<object> => {
    const inputs = rest as unknown as In;
    program.made.add(inputs.cluster);
    let touched = false;
    const missing = handler.later.filter((key) => inputs[key] === undefined || hasUnknown(inputs[key]));
    if (missing.length > 0)
      throw plainError(
        new Error(
          `${missing.join(", ")}: not known, because the resource that makes it was left out of this run. Nothing was done. Run pulumi up without --target.`,
        ),
      );
    const run: Run = { progress: progressOf(inputs.resourceUrn), touching: () => (touched = true) };
    try {
      const outputs = await timed("provider", shortName(inputs), () => handler.converge(inputs, run));
      return { ...before, ...inputs, plan: [], ready: true, ...(notSo && { mended: notSo }), ...outputs };
    } catch (error) {
      throw plainError(
        error,
        touched ? { id: idOf(inputs), properties: { ...before, ...inputs } } : undefined,
      );
    }
  };

  const warn = async (state: State): Promise<void> => {
    const text = await handler.standing?.(state);
    if (text) await progressOf(state.resourceUrn).warn(text);
  };

  return {
    check,
    async diff(_id, olds, news) {
      const [state, wanted] = [olds as State, news as In];
      if (hasUnknown(wanted.incident) || state.incident !== wanted.incident)
        return { changes: true, replaces: ["incident"] };
      // A refresh compares with the inputs of the last up, which still say what that up mended.
      const toMend = (wanted.notSo ?? []).filter((line) => !state.mended?.includes(line));
      return { changes: handler.drifted(state, wanted) || toMend.length > 0, replaces: [] };
    },
    async create(inputs) {
      return { id: idOf(inputs as In), outs: await converge(inputs as In) };
    },
    async update(_id, olds, news) {
      return { outs: await converge(news as In, olds) };
    },
    async read(id, props) {
      try {
        await warn(props as State);
        const progress = progressOf((props as State).resourceUrn);
        return { id, props: { ...props, ...(await handler.observe(props as State, progress)) } };
      } catch (error) {
        if (!(error instanceof Unreached) || !("evidence" in props)) throw plainError(error);
        await progressOf((props as State).resourceUrn).warn(
          `${error.message}. What the state says of it was seen earlier.`,
        );
        return { id, props };
      }
    },
    /** Forgets: destroying a stack never undoes a recovery and never touches a backup. */
    async delete(_id, props) {
      await warn(props as State);
    },
  };
}

const shortName = ({ resourceUrn = "" }: Framed): string => resourceUrn.split("::").at(-1) ?? "";

function changedKeys(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return Object.keys(after).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}
