import * as pulumi from "@pulumi/pulumi";
import type { HostTarget, TargetArgs } from "../providers/arguments";
import type { ManagerRegistration } from "../providers/managerRegistration";
import type { MnesiaBackup } from "../providers/mnesiaBackup";
import type { MnesiaImport } from "../providers/mnesiaImport";
import type { LeofsResource } from "../providers/resource";
import { wrapped } from "./wrapped";

/** A backup of a recovery; the path is empty where there was nothing to back up. */
export interface BackupOutcome {
  path: string;
  node: string;
  bytes: number;
  digest: string;
  /** Verified second copies (`copyTo`); absent where there are none. */
  secondCopies?: string[];
}

/** What an operator acts on after an `up`. */
export interface RecoveryOutcome {
  verdict: string;
  outageSeconds: number;
  evidence: string[];
  /** Backups by what they were taken for. */
  backups: Record<string, BackupOutcome>;
  debt: string[];
  nextSteps: string[];
}

/** A step of a plan: one line of heading, and what the resource itself says of it. */
export interface PlannedStep {
  title: pulumi.Input<string>;
  /** Details; a step whose details are empty is done. Undefined: a service step, shown while others remain. */
  resource?: LeofsResource;
}

/** A target as an input of a resource: the connection is a secret of the state, whatever it holds. */
export const secretTarget = <T extends HostTarget>(target: T): TargetArgs<T> =>
  ({ ...target, connection: pulumi.secret(target.connection) }) as TargetArgs<T>;

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

/** Gathers what the resources of a recovery found into what an operator acts on. */
export function outcomeOf(
  registration: ManagerRegistration,
  imported: MnesiaImport,
  backups: Record<string, MnesiaBackup>,
): pulumi.Output<RecoveryOutcome> {
  const { verdict, outageSeconds, evidence, debt, nextSteps } = registration;
  const where = Object.entries(backups).map(([name, { path, node, bytes, digest, secondCopies }]) =>
    pulumi.all([path, node, bytes, digest, secondCopies]).apply(([found, of, size, hash, copies]) => {
      const second = copies?.length > 0 ? { secondCopies: copies } : {};
      return [name, { path: found, node: of, bytes: size, digest: hash, ...second }] as const;
    }),
  );
  return pulumi
    .all([verdict, outageSeconds, evidence, debt, nextSteps, imported.evidence, pulumi.all(where)])
    .apply(([said, outage, proof, owed, next, data, found]) => ({
      verdict: said,
      outageSeconds: outage,
      evidence: [...data, ...proof],
      backups: Object.fromEntries(found),
      debt: owed,
      nextSteps: next,
    }));
}
