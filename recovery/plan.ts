import * as pulumi from "@pulumi/pulumi";
import type { LeofsResource } from "../providers/resource";
import { wrapped } from "./wrapped";

/** A step of a plan: one line of heading, and what the resource itself says of it. */
export interface PlannedStep {
  title: pulumi.Input<string>;
  /** Details; a step whose details are empty is done. Undefined: a service step, shown while others remain. */
  resource?: LeofsResource | undefined;
}

/**
 * The numbered plan of a recovery; empty when all of it is done. In preview what the resources would do is
 * known, because their looks at the hosts happen there.
 */
export function numberedPlan(steps: readonly PlannedStep[]): pulumi.Output<string[]> {
  const titles = pulumi.all(steps.map((step) => pulumi.output(step.title)));
  const details = pulumi.all(
    steps.map((step) => step.resource?.plan ?? pulumi.output<string[] | undefined>(undefined)),
  );
  return pulumi.all([titles, details]).apply(([names, plans]) => {
    if (plans.every((plan) => plan === undefined || plan.length === 0)) return [];
    return names.flatMap((name, index) => {
      const plan = plans[index];
      const done = plan !== undefined && plan.length === 0;
      const lines = [
        `${index + 1}. ${name}${done ? " - done" : ""}`,
        ...(plan ?? []).map((line) => `     ${line}`),
      ];
      return lines.flatMap((line) => wrapped(line));
    });
  });
}
