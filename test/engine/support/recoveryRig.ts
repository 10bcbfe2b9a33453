import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { automation } from "@pulumi/pulumi";
import { afterAll, beforeAll } from "vitest";
import type { RecoveryOutcome } from "../../../recovery";
import { Sandbox, type SandboxOptions } from "../../../sandbox";
import { type CommandPlugin, ensureCommandPlugin } from "../../../tools/commandPlugin";
import { type Engine, ensureEngine } from "../../../tools/engine";
import { packageRoot } from "../../../tools/paths";
import type { ConfigValue } from "../../../tools/stackConfig";
import { StackEvents } from "../../../tools/stackEvents";
import { openStack, type ThrowAwayStack } from "../../../tools/workspace";

/** Which leofs-adm the hosts have: as LeoFS 1.4.4 ships it, or with the dump and load its documentation promises. */
export type Adm = "shipped" | "documented";

/** What one preview, up, refresh or destroy came to. It never throws: a failure is in `error`. */
export interface Ran {
  /** Resources by what happened, or would happen, to them. */
  changes: Record<string, number>;
  /** What happened to each resource, by its name. */
  operations: Record<string, string>;
  /** The outcome of the cluster `production`; undefined in preview and after a failure. */
  outcome: RecoveryOutcome;
  /** The plan of that cluster; empty when nothing is to do, and after a failure. */
  plan: string[];
  messages: ReturnType<StackEvents["messages"]>;
  /** What the engine reported as errors; undefined when it succeeded. */
  error: string | undefined;
}

type Settings = Record<string, unknown>;
type EventOptions = Pick<automation.UpOptions, "onEvent">;

/** A fast sandbox for a whole test file, and a stack of its own for each scenario in it. */
export class RecoveryRig {
  private made: Sandbox | undefined;
  private opened: ThrowAwayStack | undefined;
  private engine: Engine | undefined;
  private plugin: CommandPlugin | undefined;
  private fresh = true;

  constructor(private readonly options: Partial<SandboxOptions>) {}

  get sandbox(): Sandbox {
    if (!this.made) throw new Error("the sandbox was not built");
    return this.made;
  }

  get stack(): ThrowAwayStack {
    if (!this.opened) throw new Error("no stack was opened: call configure first");
    return this.opened;
  }

  /** Builds the sandbox and keeps its first state to come back to. */
  async build(): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-rig-"));
    try {
      this.made = await Sandbox.up({ fast: true, ...this.options, directory });
      await this.made.snapshot();
    } catch (error) {
      await Sandbox.down(directory);
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** A scenario from the start: the cluster as it was built, no stack yet. */
  async begin(): Promise<Sandbox> {
    await this.forgetStack();
    if (!this.fresh) await this.sandbox.restore();
    this.fresh = false;
    return this.sandbox;
  }

  /** The settings of the cluster `production`; in a new stack, or in the one that is open. */
  async configure(settings: Settings): Promise<void> {
    const config = { clusters: { production: settings as ConfigValue } };
    if (this.opened) return this.opened.configure(config);
    // Once a rig: asking for a plugin that cannot be downloaded takes seconds.
    this.engine ??= await ensureEngine();
    this.plugin ??= await ensureCommandPlugin(this.engine);
    this.opened = await openStack({
      engine: this.engine,
      plugin: this.plugin,
      name: "recovery",
      entry: join(packageRoot(), "dist", "index.js"),
      config,
    });
  }

  /** Throws the state away with the directory it is in, as a lost checkout. */
  async forgetStack(): Promise<void> {
    await this.opened?.remove();
    this.opened = undefined;
  }

  preview(): Promise<Ran> {
    return this.run((options) => this.stack.stack.preview(options));
  }

  up(): Promise<Ran> {
    return this.run((options) => this.stack.stack.up(options));
  }

  refresh(): Promise<Ran> {
    return this.run((options) => this.stack.stack.refresh(options));
  }

  destroy(): Promise<Ran> {
    return this.run((options) => this.stack.stack.destroy(options));
  }

  /** Ends everything that the rig started and removes its files. */
  async end(): Promise<void> {
    await this.forgetStack();
    if (!this.made) return;
    await Sandbox.down(this.made.directory);
    await rm(this.made.directory, { recursive: true, force: true });
  }

  private async run(
    operation: (options: EventOptions) => Promise<automation.PreviewResult | automation.UpResult | object>,
  ): Promise<Ran> {
    const events = new StackEvents();
    let error: string | undefined;
    let changes: Record<string, number> = {};
    try {
      const result = await operation({ onEvent: events.onEvent });
      if ("changeSummary" in result) changes = { ...result.changeSummary };
      if ("summary" in result)
        changes = { ...(result as automation.UpResult).summary.resourceChanges } as Record<string, number>;
    } catch (reason) {
      error = String((reason as Error).message);
    }
    const messages = events.messages();
    const errors = messages.filter(({ severity }) => severity === "error").map(({ message }) => message);
    const { outcome, plan } = outputsOf(events);
    return {
      changes,
      operations: events.operations(),
      outcome: outcome?.production as RecoveryOutcome,
      plan: Array.isArray(plan?.production) ? plan.production : [],
      messages,
      error: error === undefined || errors.length === 0 ? error : errors.join("\n"),
    };
  }
}

/** The stack's outputs, which the engine announces in preview too. */
function outputsOf(events: StackEvents): Record<string, Record<string, unknown> | undefined> {
  const stacks = events.all.flatMap(({ resOutputsEvent }) =>
    resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack" ? [resOutputsEvent.metadata.new?.outputs] : [],
  );
  return stacks.at(-1) ?? {};
}

/** Builds the rig before the tests of a file and ends it after them, failed or not. */
export function rigForThisFile(options: Partial<SandboxOptions> = {}): RecoveryRig {
  const rig = new RecoveryRig({ storages: 2, gateways: 1, ...options });
  beforeAll(() => rig.build());
  afterAll(() => rig.end());
  return rig;
}

const admOf = (sandbox: Sandbox, manager: string): string =>
  join(dirname(sandbox.manager(manager).backups), "bin", "leofs-adm");

/** Gives a manager's host this leofs-adm, which from now on notes what it is called with. */
export async function giveAdm(sandbox: Sandbox, manager: string, flavour: Adm): Promise<void> {
  const adm = admOf(sandbox, manager);
  await writeFile(`${adm}.flavour`, `${flavour}\n`);
  await appendFile(`${adm}.calls`, "");
  const [first, ...rest] = (await readFile(adm, "utf8")).split("\n");
  await writeFile(adm, [first, `echo "$*" >> "${adm}.calls"`, ...rest].join("\n"));
}

/** What a host's leofs-adm was called with since `giveAdm`. */
export const admCalls = async (sandbox: Sandbox, manager: string): Promise<string[]> =>
  (await readFile(`${admOf(sandbox, manager)}.calls`, "utf8")).split("\n").filter(Boolean);
