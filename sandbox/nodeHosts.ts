import type { Description, NodeDescription } from "./describe";
import { type EnvironmentOf, sharedEnvironment } from "./environment";
import type { Requirements } from "./requirements";
import { installHost, startHost } from "./sshHosts";

const PORT = 2222;

/** Gives every storage and gateway node the sshd of its address, where the settings want one. Nodes of one address share it. */
export async function installNodeHosts(of: EnvironmentOf, sandbox: Description): Promise<void> {
  if (!of.settings.nodeHosts) return;
  const hosts = new Map<string, NonNullable<NodeDescription["host"]>>();
  for (const [name, node] of Object.entries(sandbox.nodes)) {
    const address = node.node.split("@")[1]!;
    const made = hosts.get(address) ?? (await hostAt(of, name, address));
    hosts.set(address, made);
    node.host = made;
  }
}

async function hostAt(of: EnvironmentOf, name: string, address: string) {
  const { directory, settings } = of;
  const environment = sharedEnvironment(of);
  const host = { directory, name, address, port: PORT, environment, sshd: settings.sshd };
  return { name, address, sshPort: PORT, hostKey: await installHost(of.tools, host) };
}

/** Starts the sshd of every node that has one, where it does not run. */
export async function startNodeHosts(tools: Requirements, { directory, nodes }: Description): Promise<void> {
  const hosts = new Map(
    Object.values(nodes).flatMap(({ host }) => (host ? [[host.name, host] as const] : [])),
  );
  await Promise.all(
    [...hosts.values()].map(({ name, address, sshPort: port }) =>
      startHost(tools, { directory, name, address, port }),
    ),
  );
}
