import { wrapped } from "./wrapped";

/** A step of a plan, with what its resource says of it. */
export interface SeenStep {
  title: string;
  /** Empty: done. Undefined: a service step. An indented line is a detail of the line before it. */
  plan: readonly string[] | undefined;
  /** A service step that is done. */
  past?: boolean;
}

/** What stops a recovery, or makes the plan a guess. */
const URGENT =
  /^(WOULD BE REFUSED|REFUSED AS IT IS|NOT REACHED|HALF-WAY|cannot be planned now|pulumi up would stop here)|cannot be (looked at|read) now|are not known now/;
const NOW = / now: /;
const HAZARD = /^hazard: /;
const DETAIL = /^\s/;

/** Every step with every detail, numbered; empty when all of it is done. */
export function planLines(steps: readonly SeenStep[]): string[] {
  if (isDone(steps)) return [];
  return steps
    .flatMap((step, index) => [heading(step, index), ...(step.plan ?? []).map((line) => `     ${line}`)])
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
  const said = [...new Set(steps.flatMap(({ plan }) => plan ?? []))];
  const urgent = said.filter((line) => URGENT.test(line));
  // That a host is not reached says why none of the steps could look at it.
  const unreached = urgent.some((line) => line.startsWith("NOT REACHED"));
  const first = [
    ...urgent.filter((line) => !unreached || !NOW.test(line)),
    ...said.filter((line) => HAZARD.test(line)),
  ];
  const brief = (line: string) => !DETAIL.test(line) && !URGENT.test(line) && !HAZARD.test(line);
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
