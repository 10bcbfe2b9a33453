/**
 * One `up` without the Pulumi engine: the real program, the real providers and the stand-in of the command plugin in
 * this process, with as much of an engine as a recovery needs. Not Pulumi's engine: no checkpoint format, no gRPC, no
 * plugin processes. It is what the fault matrix runs a thousand times because it takes a fourth of the processor time;
 * chosen cases go through the real one (`--engine`).
 *
 * Kept of the engine's rules: a resource waits for what it depends on; what is made is checked, compared and left, updated
 * or replaced; after a failure nothing new is begun and what runs is awaited; a resource that failed after it was begun
 * stays in the state and is updated by the next run. The state is written after each resource, so that being killed at any
 * moment keeps what was done before and loses what was under way, as with the engine.
 *
 * Argument: a JSON file with `dist` (directory of the compiled package), `clusters`, `state`, `result`. Works in
 * the directory it is started in, which must find the package `leofs-recovery`.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

type Properties = Record<string, unknown>;

interface Resource {
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** It was begun and failed: the next run updates it, whatever its diff says. */
  failed: boolean;
}

interface Provider {
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: { reason: string }[] }>;
  diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean; replaces: readonly string[] }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
}

const [, , jobFile = ""] = process.argv;
const job = JSON.parse(readFileSync(jobFile, "utf8")) as {
  dist: string;
  clusters: unknown;
  state: string;
  result: string;
};
const load = createRequire(`${job.dist}/index.js`);
const pulumi: typeof import("@pulumi/pulumi") = load("@pulumi/pulumi");
const { commandProvider } = load("./tools/standIn/provider.js") as {
  commandProvider: (log: () => object) => Record<"check" | "diff" | "create" | "update", CallableFunction>;
};

function write(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value));
  renameSync(`${file}.new`, file);
}

const state: Record<string, Resource> = existsSync(job.state)
  ? JSON.parse(readFileSync(job.state, "utf8"))
  : {};
const operations: Record<string, string> = {};
const errors: string[] = [];
let underWay = 0;

const SECRET = "4dabf18193072939515e22adb298388d";
/** Values as a provider gets them: secrets unwrapped, nothing undefined. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const record = value as Properties;
  if (SECRET in record) return plain(record.value);
  const known = Object.entries(record).filter(([, one]) => one !== undefined);
  return Object.fromEntries(known.map(([key, one]) => [key, plain(one)]));
}

/** The provider that a dynamic resource names by its constant text, loaded as Pulumi's host loads it. */
function dynamicProvider(text: unknown): Provider {
  const exports: { handler?: () => Provider } = {};
  new Function("exports", "require", String(text))(exports, load);
  return exports.handler!();
}

function pluginProvider(urn: string): Provider {
  const quiet = { line: () => undefined, status: () => undefined };
  const provider = commandProvider(() => quiet);
  return {
    check: (olds, news) => provider.check(urn, olds, news),
    diff: (id, olds, news) => provider.diff(id, urn, olds, news),
    create: (inputs) => provider.create(urn, inputs),
    update: (id, olds, news) => provider.update(id, urn, olds, news),
  };
}

async function make(name: string, provider: Provider, news: Properties): Promise<Resource> {
  const old = state[name];
  const { inputs, failures } = await provider.check(old?.inputs ?? {}, news);
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
  const difference = old ? await provider.diff(old.id, old.outputs, inputs) : undefined;
  if (old && difference && difference.replaces.length === 0) {
    if (!old.failed && !difference.changes) {
      operations[name] = "same";
      return { ...old, inputs };
    }
    operations[name] = "update";
    return {
      id: old.id,
      inputs,
      outputs: (await provider.update(old.id, old.outputs, inputs)).outs,
      failed: false,
    };
  }
  operations[name] = old ? "replace" : "create";
  const { id, outs } = await provider.create(inputs);
  return { id, inputs, outputs: outs, failed: false };
}

/** Ends this run, as the engine does, when something failed and nothing is under way any more. */
function finish(outcome: unknown, plan: unknown): never {
  write(job.result, { errors, operations, outcome, plan });
  process.exit(errors.length > 0 ? 1 : 0);
}

const never = new Promise<never>(() => undefined);

async function newResource({
  type,
  name,
  inputs,
  custom,
}: {
  type: string;
  name: string;
  inputs: Properties;
  custom?: boolean;
}): Promise<{ id: string; state: Properties }> {
  if (custom === false || !/^(command:|pulumi-nodejs:dynamic)/.test(type)) return { id: "", state: inputs };
  if (errors.length > 0) return never;
  underWay += 1;
  const news = plain(inputs) as Properties;
  try {
    const provider = type.startsWith("command:")
      ? pluginProvider(`urn:pulumi:faults::leofs-recovery::${type}::${name}`)
      : dynamicProvider(news.__provider);
    const made = JSON.parse(JSON.stringify(await make(name, provider, news))) as Resource;
    state[name] = made;
    write(job.state, state);
    return { id: made.id, state: made.outputs };
  } catch (error) {
    const { message, id, properties } = error as Error & Partial<{ id: string; properties: Properties }>;
    errors.push(`${name}: ${message}`);
    if (id !== undefined && properties) {
      state[name] = { id, inputs: news, outputs: JSON.parse(JSON.stringify(properties)), failed: true };
      write(job.state, state);
    }
    return never;
  } finally {
    underWay -= 1;
    if (errors.length > 0 && underWay === 0) finish(undefined, undefined);
  }
}

async function main(): Promise<void> {
  pulumi.runtime.setAllConfig({ "leofs-recovery:clusters": JSON.stringify(job.clusters) });
  await pulumi.runtime.setMocks(
    { newResource, call: () => ({}) } as never,
    "leofs-recovery",
    "faults",
    false,
  );
  const program = load("./index.js") as () => Promise<{ plan: unknown; outcome: unknown }>;
  const outputs = pulumi.output(await program()) as unknown as { promise(): Promise<Properties> };
  const { plan, outcome } = plain(await outputs.promise()) as Properties;
  finish(outcome, plan);
}

main().catch((error: Error) => {
  errors.push(error.stack ?? error.message);
  finish(undefined, undefined);
});
// Waiting for a resource that will never come must not end the process.
setInterval(() => undefined, 60_000);
