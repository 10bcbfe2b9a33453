import { providersOf } from "../../providers/resources";
import { Session } from "../../providers/session/session";
import type { Surroundings } from "../../providers/session/surroundings";
import type { FenceTarget } from "../../providers/targets/arguments";
import { CHECK, filledIn, Later, type Recipe, type Step, sidesOf } from "../../recovery/recipe";

/** What a step made. */
// biome-ignore lint/suspicious/noExplicitAny: each resource has its own
export type Outputs = Record<string, any>;

interface Kept {
  inputs: object;
  outputs: Outputs;
  /** It was begun and failed: the next run updates it whatever its diff says. */
  failed: boolean;
}

/** A stack's state. */
export type State = Map<string, Kept>;

/** How one `pulumi up` ended. */
export interface UpResult {
  error: string | undefined;
  outputs: Record<string, Outputs>;
  /** Resources that were made or changed. */
  done: string[];
}

/**
 * `pulumi up` in small, of a recipe: resources whose dependencies are made run side by side; check, diff, create and
 * update are called with Pulumi's rules; after a failure nothing more is begun; what is made is kept in the state at once.
 *
 * @param surroundings the hosts; the program is a process of its own, which shares nothing with the one before
 * @param gone whether the program was ended: then nothing gets into the state any more
 * @param excluded steps that are left as the state has them, or unmade, and so what waits for them. Default: none
 */
export async function up(
  recipe: Recipe,
  surroundings: Surroundings,
  state: State,
  refresh: boolean,
  gone: () => boolean,
  excluded: ReadonlySet<string> = new Set(),
): Promise<UpResult> {
  const providers = providersOf(new Session(surroundings));
  const result: UpResult = { error: undefined, outputs: {}, done: [] };
  const running = new Map<string, Promise<boolean>>();
  const one = async (step: Step): Promise<boolean> => {
    const before = await Promise.all(step.after.map((name) => running.get(name)!));
    if (before.includes(false) || result.error !== undefined) return false;
    if (excluded.has(step.name)) {
      const kept = state.get(step.name);
      if (kept) result.outputs[step.name] = kept.outputs;
      return kept !== undefined;
    }
    try {
      result.outputs[step.name] = await converge(recipe, step, {
        surroundings,
        providers,
        state,
        refresh,
        gone,
        result,
      });
      return true;
    } catch (error) {
      result.error ??= `${step.name}: ${(error as Error).message}`;
      return false;
    }
  };
  for (const step of recipe.steps) running.set(step.name, one(step));
  const all = await Promise.all(running.values());
  // What the program does not declare any more is forgotten at the end of an up that came to it.
  if (result.error === undefined && !all.includes(false) && !gone())
    for (const name of state.keys()) if (!running.has(name)) state.delete(name);
  return result;
}

/**
 * The `up` that rolls a recovery of these managers back, which is declared in its place.
 *
 * @param fence the manager that moves
 * @returns why it failed.
 */
export async function rollBack(
  { cluster, incident, managers }: Recipe,
  fence: FenceTarget | undefined,
  surroundings: Surroundings,
): Promise<string | undefined> {
  const provider = providersOf(new Session(surroundings)).recoveryRollback;
  try {
    const { inputs, failures } = await provider.check({}, { cluster, incident, managers, fence });
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
    await provider.create(inputs);
    return undefined;
  } catch (error) {
    return `rollback: ${(error as Error).message}`;
  }
}

/** What an `up` works with. */
interface Under {
  surroundings: Surroundings;
  providers: ReturnType<typeof providersOf>;
  state: State;
  refresh: boolean;
  gone: () => boolean;
  result: UpResult;
}

async function converge(
  recipe: Recipe,
  { name, make }: Step,
  { surroundings, providers, state, refresh, gone, result }: Under,
): Promise<Outputs> {
  const sides = () => sidesOf(recipe, recipe.good ?? result.outputs[CHECK]!.choice.good);
  const old = state.get(name);
  if ("service" in make) {
    if (old) return old.outputs;
    const { target, script, values } = make.service(sides());
    const { code, stdout, stderr } = await surroundings.connect(target.connection).run(script, values);
    if (gone()) throw new Error("the program was ended");
    if (code !== 0) throw new Error(stdout || stderr);
    result.done.push(name);
    state.set(name, { inputs: {}, outputs: {}, failed: false });
    return {};
  }
  const valueAt = (place: string) => {
    const [step, key] = place.split(".") as [string, string];
    return result.outputs[step]![key];
  };
  const asked = filledIn(make.inputs, (open) =>
    open instanceof Later ? open.value(...open.outputs.map(valueAt)) : sides()[open.side],
  ) as object;
  const provider = providers[make.resource];
  if (old && refresh) old.outputs = (await provider.read("id", old.outputs)).props;
  const { inputs, failures } = await provider.check(old?.inputs ?? {}, asked);
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
  if (old && !old.failed) {
    const { changes, replaces } = await provider.diff("id", old.outputs, inputs);
    if (replaces.length > 0) throw new Error("model: nothing is replaced here");
    if (!changes) {
      old.inputs = inputs;
      return old.outputs;
    }
  }
  try {
    const { outs } = old ? await provider.update("id", old.outputs, inputs) : await provider.create(inputs);
    if (gone()) throw new Error("the program was ended");
    result.done.push(name);
    state.set(name, { inputs, outputs: outs, failed: false });
    return outs;
  } catch (error) {
    const begun = (error as { properties?: object }).properties;
    if (begun && !gone()) state.set(name, { inputs, outputs: begun, failed: true });
    throw error;
  }
}
