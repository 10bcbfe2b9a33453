import type { ManagerTarget } from "../../providers/arguments";
import { managerPartnerConfig, managerRegistration, mnesiaBackup, mnesiaImport } from "../../providers/entry";
import type { DynamicProvider } from "../../providers/handler";
import { connect } from "../../remote/pool";

const PROVIDERS = { managerPartnerConfig, managerRegistration, mnesiaBackup, mnesiaImport };

/** What resources are made of earlier ones' outputs. */
// biome-ignore lint/suspicious/noExplicitAny: each resource has its own
export type Outputs = Record<string, any>;

/** A resource as a recovery declares it. */
export interface Declared {
  name: string;
  /** Names of the resources it waits for. */
  after: readonly string[];
  /** A dynamic resource with its inputs, or a service command. */
  make: (
    made: Record<string, Outputs>,
  ) =>
    | { provider: keyof typeof PROVIDERS; inputs: object }
    | { target: ManagerTarget; script: string; args: string[] };
}

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
 * `pulumi up` in small: resources whose dependencies are made run side by side; check, diff, create and update are
 * called with Pulumi's rules; after a failure nothing more is begun; what is made is kept in the state at once.
 *
 * @param gone whether the program was ended: then nothing gets into the state any more
 */
export async function up(
  declared: readonly Declared[],
  state: State,
  refresh: boolean,
  gone: () => boolean,
): Promise<UpResult> {
  const result: UpResult = { error: undefined, outputs: {}, done: [] };
  const running = new Map<string, Promise<boolean>>();
  const one = async (resource: Declared): Promise<boolean> => {
    const before = await Promise.all(resource.after.map((name) => running.get(name)!));
    if (before.includes(false) || result.error !== undefined) return false;
    try {
      result.outputs[resource.name] = await converge(resource, state, refresh, gone, result);
      return true;
    } catch (error) {
      result.error ??= `${resource.name}: ${(error as Error).message}`;
      return false;
    }
  };
  for (const resource of declared) running.set(resource.name, one(resource));
  await Promise.all(running.values());
  return result;
}

async function converge(
  resource: Declared,
  state: State,
  refresh: boolean,
  gone: () => boolean,
  result: UpResult,
): Promise<Outputs> {
  const made = resource.make(result.outputs);
  const old = state.get(resource.name);
  if ("script" in made) {
    if (old) return old.outputs;
    const { code, stdout, stderr } = await connect(made.target.connection).run(made.script, made.args);
    if (gone()) throw new Error("the program was ended");
    if (code !== 0) throw new Error(stdout || stderr);
    result.done.push(resource.name);
    state.set(resource.name, { inputs: {}, outputs: {}, failed: false });
    return {};
  }
  const provider: DynamicProvider = PROVIDERS[made.provider];
  if (old && refresh) old.outputs = (await provider.read("id", old.outputs)).props;
  const { inputs, failures } = await provider.check(old?.inputs ?? {}, made.inputs);
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
    result.done.push(resource.name);
    state.set(resource.name, { inputs, outputs: outs, failed: false });
    return outs;
  } catch (error) {
    const begun = (error as { properties?: object }).properties;
    if (begun && !gone()) state.set(resource.name, { inputs, outputs: begun, failed: true });
    throw error;
  }
}
