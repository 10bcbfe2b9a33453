import { readFileSync } from "node:fs";
import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ManagerTarget } from "../providers/arguments";
import { commandOf, type EndpointArgs, expectedHostKey } from "../remote";
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
      connection: pulumi.secret(known.apply((one) => one && connectionOf(one.target))),
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

/**
 * A target's connection for `@pulumi/command`, which takes keys as text and accepts any host key unless one is
 * given: so the one that known_hosts has is given, for the host and for a jump host. A host that is not known gets
 * nothing sent, a resumed recovery on another machine included.
 */
export function connectionOf(
  { connection, privateKeyFile }: ManagerTarget,
  knownHostsFiles?: readonly string[],
): types.input.remote.ConnectionArgs {
  const pinned = <T extends EndpointArgs>(endpoint: T): T => ({
    ...endpoint,
    hostKey: endpoint.hostKey ?? expectedHostKey(endpoint.host, endpoint.port, knownHostsFiles),
  });
  const privateKey = privateKeyFile ? readFileSync(privateKeyFile, "utf8") : connection.privateKey;
  const { proxy } = connection;
  return { ...pinned(connection), ...(proxy && { proxy: pinned(proxy) }), ...(privateKey && { privateKey }) };
}
