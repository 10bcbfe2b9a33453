import * as pulumi from "@pulumi/pulumi";
import type { PlanLine } from "../leofs/planLine";
import type { LeofsResource } from "../providers/contract/resource";
import { planLines, planText, type SeenStep } from "./planText";
import { terminalColumns } from "./terminal";

/** A step of a plan: one line of heading, and what the resource itself says of it. */
export interface PlannedStep {
  title: pulumi.Input<string>;
  /** What the outputs say of it besides, and the screen leaves out. Default: nothing. */
  detail?: pulumi.Input<string>;
  /** Details; a step whose details are empty is done. */
  resource?: LeofsResource | undefined;
  /** A service step: it is done once each of these, which wait for it, is done or finds that it is. Default: none. */
  followers?: readonly LeofsResource[];
}

/** Columns by which the CLI indents what a resource says. */
const INDENT = 4;

/**
 * The numbered plan of a recovery with every detail; empty when all of it is done. In preview what the resources would do
 * is known, because their looks at the hosts happen there; then it is also shown, on one screen, under `owner`.
 *
 * @param risk what a person must know of the recovery as a whole
 */
export function numberedPlan(
  owner: pulumi.Resource,
  steps: readonly PlannedStep[],
  risk: string,
): pulumi.Output<string[]> {
  const titles = pulumi.all(steps.map((step) => pulumi.output(step.title)));
  const details = pulumi.all(steps.map(({ detail = "" }) => pulumi.output(detail)));
  const plans = pulumi.all(
    steps.map((step) => step.resource?.plan ?? pulumi.output<PlanLine[] | undefined>(undefined)),
  );
  const past = pulumi.all(steps.map(({ followers = [] }) => pulumi.all(followers.map(isPast))));
  return pulumi.all([titles, details, plans, past]).apply(async ([names, besides, lines, pasts]) => {
    const seen: SeenStep[] = names.map((title, index) => {
      const after = pasts[index]!;
      return {
        title,
        detail: besides[index],
        plan: lines[index],
        past: after.length > 0 && after.every(Boolean),
      };
    });
    const text = pulumi.runtime.isDryRun() && planText(seen, risk, terminalColumns() - INDENT);
    if (text) await pulumi.log.info(text, owner);
    return planLines(seen);
  });
}

/** Whether the service step before a resource is done. The engine leaves out what a run of chosen resources does not make. */
const isPast = ({ plan, ready }: LeofsResource): pulumi.Output<boolean> =>
  pulumi.all([plan, ready]).apply(([lines, found]) => lines?.length === 0 || found === true);
