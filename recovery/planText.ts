import { levelOf, lineText, type PlanLine } from "../leofs/planLine";
import { wrapped } from "./wrapped";

/** A step of a plan, with what its resource says of it. */
export interface SeenStep {
  title: string;
  /** Besides, and not on the screen; empty: nothing. */
  detail?: string | undefined;
  /** Empty: done. Undefined: a service step. An indented line is a detail of the line before it. */
  plan: readonly PlanLine[] | undefined;
  /** A service step that is done. */
  past?: boolean;
}

const DETAIL = /^\s/;

/** Every step with every detail, numbered; empty when all of it is done. */
export function planLines(steps: readonly SeenStep[]): string[] {
  if (isDone(steps)) return [];
  return steps
    .flatMap((step, index) => [
      heading(step, index),
      ...[step.detail ? `  ${step.detail}` : [], (step.plan ?? []).map(lineText)]
        .flat()
        .map((line) => `     ${line}`),
    ])
    .flatMap((line) => wrapped(line));
}

/**
 * The plan as one screen: what stops it, what to know beforehand, the steps without their details, what is at risk.
 * Undefined when there is nothing to do.
 *
 * @param risk what a person must know of the recovery as a whole
 * @param width columns of the terminal
 */
export function planText(steps: readonly SeenStep[], risk: string, width: number): string | undefined {
  if (isDone(steps)) return undefined;
  const lines = steps.flatMap(({ plan }) => plan ?? []);
  const marked = (...levels: (string | undefined)[]) =>
    lines.filter((line) => levels.includes(levelOf(line)));
  const unreached = marked("unreached").length > 0;
  const urgent = marked("urgent", "unreached", ...(unreached ? [] : ["unseen"]));
  const first = [...new Set([...urgent, ...marked("hazard")].map(lineText))];
  const brief = (line: PlanLine): line is string => typeof line === "string" && !DETAIL.test(line);
  const numbered = steps.flatMap((step, index) => [
    heading(step, index),
    ...(step.plan ?? []).filter(brief).map((line) => `     ${line}`),
  ]);
  return [...first, ...(first.length > 0 ? [""] : []), ...numbered, "", `At risk: ${risk}`]
    .flatMap((line) => wrapped(line, width))
    .join("\n");
}

const isDone = (steps: readonly SeenStep[]): boolean =>
  steps.every(({ plan }) => plan === undefined || plan.length === 0);

const heading = ({ title, plan, past }: SeenStep, index: number): string =>
  `${index + 1}. ${title}${plan?.length === 0 || past ? " - done" : ""}`;
