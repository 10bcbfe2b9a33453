import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { serviceConnection } from "../providers/targets/serviceConnection";
import { commandOf } from "../remote/script";
import type { ServiceStep } from "./serviceStep";

/**
 * A service step as `command.remote.Command`. Its `update` does nothing, so that a changed script or key never
 * stops a manager; it has no `delete`; only a new incident runs it again.
 *
 * @param step may be an output without a value, in a run of chosen resources (--target) that does not make it
 */
export function serviceCommand(
  name: string,
  step: pulumi.Input<ServiceStep>,
  incident: string,
  opts: pulumi.CustomResourceOptions,
): remote.Command {
  const known = pulumi.output(step);
  return new remote.Command(
    name,
    {
      connection: pulumi.secret(known.apply((one) => one && serviceConnection(one.target))),
      // The login shell starts this, and csh and fish read quotes in their own way: so the script comes on standard input.
      create: "exec sh",
      stdin: known.apply((one) => one && `exec ${commandOf(one.script, one.values)} </dev/null\n`),
      update: ":",
      triggers: [incident],
      addPreviousOutputInEnv: false,
    },
    opts,
  );
}
