import { readFileSync } from "node:fs";
import { type ConnectionArgs, type EndpointArgs, withDefaults } from "../../remote/connection";
import { keysOfAgent } from "../../remote/ssh/agent";
import { expectedHostKey } from "../../remote/ssh/hostKeys";
import type { HostTarget } from "./arguments";
import { withKey } from "./withKey";

/**
 * A target's connection for `@pulumi/command`, which takes keys as text and accepts any host key unless one is
 * given: so the one that known_hosts has is given, for the host and for a jump host. A host that is not known gets
 * nothing sent, a resumed recovery on another machine included. It takes one source of public keys: the last key when
 * the agent has none.
 */
export async function serviceConnection(
  { connection, privateKeyFile, lastKeyFile }: HostTarget,
  knownHostsFiles?: readonly string[],
): Promise<ConnectionArgs> {
  const pinned = <T extends EndpointArgs>(endpoint: T): T => ({
    ...endpoint,
    hostKey: endpoint.hostKey ?? expectedHostKey(endpoint.host, endpoint.port, knownHostsFiles),
  });
  const { agentSocketPath } = withDefaults(connection);
  const agentHelps = agentSocketPath !== undefined && ((await keysOfAgent(agentSocketPath)) ?? 0) > 0;
  const file = privateKeyFile ?? (agentHelps ? undefined : lastKeyFile);
  const keyed = file ? withKey(connection, readFileSync(file, "utf8")) : connection;
  return { ...pinned(keyed), ...(keyed.proxy && { proxy: pinned(keyed.proxy) }) };
}
