import type { automation } from "@pulumi/pulumi";
import { StackEvents } from "../../tools/stackEvents";
import { clock, type Screen } from "./screen";

/** How one preview, up or destroy went. */
export interface EngineRun<T> {
  result: T;
  /** What happened to each resource, by its name. */
  operations: Record<string, string>;
  /** Resources by operation, the engine's own summary. */
  changes: Record<string, number>;
  seconds: number;
  /** The stack's outputs as the engine saw them; known in preview too, as far as they can be. */
  outputs: Record<string, unknown>;
  /** What the recoveries themselves say: their plans as one screen each. */
  plans: string[];
}

type Options = Pick<automation.UpOptions, "onEvent" | "signal" | "color">;

/** The engine's own notes on where plugins come from: said once, by the demo. */
const NOISE = /^using pulumi-resource-\S+ from \$PATH/;

/** URN of a recovery, and not of one of its resources. */
const RECOVERY = /::leofs:recovery:\w+::/;

/** The engine's last word, which says nothing that was not said. */
const NO_REASON = /^(update|preview|destroy) failed$/;

/** The engine gave up; the message is what it said about it, resource by resource. */
export class EngineFailure extends Error {}

/**
 * Runs one operation of a stack, with every message of a resource on the screen as it comes.
 * @param prefix what every resource's name begins with, left out on the screen
 * @throws EngineFailure with the errors that the engine reported
 */
export async function runEngine<T>(
  screen: Screen,
  prefix: string,
  signal: AbortSignal,
  operation: (options: Options) => Promise<T>,
): Promise<EngineRun<T>> {
  const events = new StackEvents();
  const elapsed = clock();
  const started = performance.now();
  const short = (urn: string | undefined) => (urn?.split("::").pop() ?? "").replace(prefix, "");
  let changes: Record<string, number> = {};
  let outputs: Record<string, unknown> = {};
  const plans: string[] = [];
  const shown = new Set<string>();
  const onEvent = (event: automation.EngineEvent): void => {
    events.onEvent(event);
    if (event.summaryEvent) changes = event.summaryEvent.resourceChanges as Record<string, number>;
    const made = event.resOutputsEvent?.metadata;
    if (made?.type === "pulumi:pulumi:Stack" && made.new?.outputs) outputs = made.new.outputs;
    const { diagnosticEvent: said } = event;
    // The SDK's debug messages come this way too, with everything a resource holds in them.
    if (!said || (said.severity !== "info" && said.severity !== "warning")) return;
    const message = plainText(said.message);
    if (message === "" || NOISE.test(message)) return;
    if (RECOVERY.test(said.urn ?? "")) plans.push(message);
    else if (said.severity === "warning") screen.line("warning", message, 10, "note");
    else
      screen.line(
        `${elapsed()}  ${short(said.urn)}`,
        message,
        NAME + elapsed().length + 2,
        said.ephemeral ? "faint" : undefined,
      );
  };
  try {
    const result = await operation({ onEvent, signal, color: "never" });
    const seconds = (performance.now() - started) / 1000;
    return { result, operations: events.operations(), changes, seconds, outputs, plans };
  } catch (error) {
    const reasons = events
      .messages()
      .filter(({ severity }) => severity === "error")
      .map(({ message, urn }) => `${short(urn)}: ${message}`.replace(/^: /, ""))
      .filter((text) => !NO_REASON.test(text) && !shown.has(text) && shown.add(text));
    throw new EngineFailure(reasons.join("\n") || (error as Error).message);
  }
}

/** Room for the longest name of a resource. */
const NAME = 19;

const plainText = (message: string): string => message.replace(/<\{%[^%]*%\}>/g, "").trimEnd();
