import * as pulumi from "@pulumi/pulumi";
import type { LeofsResource } from "../providers/resource";
import { planLines, planText, type SeenStep } from "./planText";
import { terminalColumns } from "./terminal";

/** A step of a plan: one line of heading, and what the resource itself says of it. */
export interface PlannedStep {
  title: pulumi.Input<string>;
  /** Details; a step whose details are empty is done. Undefined: a service step, shown while others remain. */
  resource?: LeofsResource | undefined;
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
  const details = pulumi.all(
    steps.map((step) => step.resource?.plan ?? pulumi.output<string[] | undefined>(undefined)),
  );
  return pulumi.all([titles, details]).apply(async ([names, plans]) => {
    const seen: SeenStep[] = names.map((title, index) => ({ title, plan: plans[index] }));
    const text = pulumi.runtime.isDryRun() && planText(seen, risk, terminalColumns() - INDENT);
    if (text) await pulumi.log.info(text, owner);
    return planLines(seen);
  });
}
