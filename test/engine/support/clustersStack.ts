import { join } from "node:path";
import type { automation } from "@pulumi/pulumi";
import type { RecoveryOutcome } from "../../../recovery";
import { type CommandPlugin, ensureCommandPlugin } from "../../../tools/commandPlugin";
import { type Engine, ensureEngine } from "../../../tools/engine";
import { packageRoot } from "../../../tools/paths";
import type { ConfigValue } from "../../../tools/stackConfig";
import { StackEvents } from "../../../tools/stackEvents";
import { openStack, type ThrowAwayStack } from "../../../tools/workspace";

/** What one run of the engine came to; a failure is in `errors`. */
export interface StackRun {
  /** Whether the engine said that it succeeded. */
  succeeded: boolean;
  /** Resources by what happened, or would happen, to them. */
  changes: Record<string, number>;
  /** What happened, or would happen, to each resource, by its name. */
  operations: Record<string, string>;
  /** Plans by cluster, unwrapped into one text; known in preview too. */
  plan: Record<string, string>;
  /** By cluster; what a run did not come to is left out. */
  outcome: Record<string, RecoveryOutcome | undefined>;
  /** All that the engine reported as an error, each once. */
  errors: string[];
  /** Everything a person sees: the engine's own text, both streams. */
  screen: string;
  /** All that the engine tells a program about the run, as the event log has it. */
  eventLog: string;
}

let parts: Promise<{ engine: Engine; plugin: CommandPlugin }> | undefined;

/** A stack of the project as a user has it, for the clusters of one test file. */
export class ClustersStack {
  private opened: ThrowAwayStack | undefined;

  get stack(): ThrowAwayStack {
    if (!this.opened) throw new Error("no stack was opened: call configure first");
    return this.opened;
  }

  /** Sets the setting `clusters`; opens the stack the first time. */
  async configure(clusters: Record<string, unknown>): Promise<void> {
    const config = { clusters: clusters as { [key: string]: ConfigValue } };
    if (this.opened) return this.opened.configure(config);
    const entry = join(packageRoot(), "dist", "index.js");
    // Once a process: asking for a plugin that cannot be downloaded takes seconds.
    parts ??= ensureEngine().then(async (engine) => ({ engine, plugin: await ensureCommandPlugin(engine) }));
    this.opened = await openStack({ ...(await parts), name: "test", entry, config });
  }

  /** Removes the stack with its state, so that the next `configure` opens a new one. */
  async forget(): Promise<void> {
    await this.opened?.remove();
    this.opened = undefined;
  }

  preview = () => this.run((options) => this.stack.stack.preview({ ...options, diff: true }));
  /** `continueOnError`: as `pulumi up --continue-on-error`, by which a failure stops only what depends on it. */
  up = ({ continueOnError = false } = {}) =>
    this.run((options) => this.stack.stack.up({ ...options, continueOnError }));
  refresh = () => this.run((options) => this.stack.stack.refresh(options));
  destroy = () => this.run((options) => this.stack.stack.destroy(options));

  private async run(
    operation: (
      options: Pick<automation.UpOptions, "onEvent" | "onOutput" | "onError" | "color">,
    ) => Promise<unknown>,
  ): Promise<StackRun> {
    const events = new StackEvents();
    const screen: string[] = [];
    const onOutput = (text: string) => void screen.push(text);
    const streams = { onOutput, onError: onOutput, color: "never" } as const;
    const succeeded = await operation({ onEvent: events.onEvent, ...streams }).then(
      () => true,
      (error: Error) => {
        screen.push(String(error.stack));
        return false;
      },
    );
    const latestFirst = [...events.all].reverse();
    const summary = latestFirst.find(({ summaryEvent }) => summaryEvent)?.summaryEvent;
    const outputs = latestFirst.find(
      ({ resOutputsEvent }) => resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack",
    )?.resOutputsEvent?.metadata.new?.outputs as
      | { plan?: Record<string, unknown>; outcome?: Record<string, RecoveryOutcome> }
      | undefined;
    const errors = events.messages().filter(({ severity }) => severity === "error");
    return {
      succeeded,
      changes: { ...summary?.resourceChanges } as Record<string, number>,
      operations: events.operations(),
      plan: Object.fromEntries(
        Object.entries(outputs?.plan ?? {}).map(([name, plan]) => [name, unwrapped(plan)]),
      ),
      outcome: outputs?.outcome ?? {},
      errors: [...new Set(errors.map(({ message }) => message.trim()))],
      screen: screen.join(""),
      eventLog: JSON.stringify(events.all),
    };
  }
}

/** Lines that were wrapped for the screen, each as it was before; a plan that a failure kept unknown has none. */
const unwrapped = (plan: unknown): string =>
  (Array.isArray(plan) ? plan : [])
    .join("\n")
    .replaceAll(/\n( {2}| {7}| {9})(?=\S)/g, (match, _indent, at, text: string) => {
      const file = /^\S+ +(\d+ bytes|\d+ kB)(\n|$)/.test(text.slice(at + match.length));
      return file ? match : " ";
    });
