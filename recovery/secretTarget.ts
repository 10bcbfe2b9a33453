import * as pulumi from "@pulumi/pulumi";
import type { HostTarget, TargetArgs } from "../providers/targets/arguments";

/** A target as an input of a resource: the connection is a secret of the state, whatever it holds. */
export const secretTarget = <T extends HostTarget>(target: T): TargetArgs<T> =>
  ({ ...target, connection: pulumi.secret(target.connection) }) as TargetArgs<T>;

/** Inputs with the connection of every target in them a secret. */
export function withSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSecrets);
  if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === "connection" ? pulumi.secret(one) : withSecrets(one),
    ]),
  );
}
