import { readFileSync } from "node:fs";
import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import {
  type RespectedLock,
  START_SCRIPT,
  STOP_SCRIPT,
  startArguments,
  stopArguments,
} from "../leofs/incident/control";
import type { Role } from "../leofs/names";
import { type Common, incidentDirectory, type ManagerTarget } from "../providers/arguments";
import { lockIncident, lockPathOf } from "../providers/pairLock";
import { commandLine, type EndpointArgs, expectedHostKey } from "../remote";

/** Where and what a service step does; may depend on what a look in preview decided. */
export interface ServiceStep {
  target: ManagerTarget;
  script: string;
}

/** Stops a manager. `past`: the journal entry after which stopping would undo the recovery. */
export const stopStep = (target: ManagerTarget, common: Common, past: string): ServiceStep => ({
  target,
  script: commandLine(
    STOP_SCRIPT,
    stopArguments(target, incidentDirectory(target, common), past, lockOf(target, common)),
  ),
});

/** Starts a manager, which must come up with that partner; `only`: nothing if its role is another. */
export const startStep = (
  target: ManagerTarget,
  common: Common,
  partner: string,
  only: Role | "" = "",
): ServiceStep => ({
  target,
  script: commandLine(START_SCRIPT, startArguments(target, partner, only, lockOf(target, common))),
});

const lockOf = (target: ManagerTarget, common: Common): RespectedLock => ({
  path: lockPathOf(target),
  incident: lockIncident(common),
});

/**
 * A service step as `command.remote.Command`. Its `update` does nothing, so that a changed script or key never
 * stops a manager; it has no `delete`; only a new incident runs it again.
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
      connection: pulumi.secret(known.apply(({ target }) => connectionOf(target))),
      create: known.apply(({ script }) => script),
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
