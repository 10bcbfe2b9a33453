import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command, type Outcome } from "./commands";
import type { Description, ManagerDescription } from "./describe";
import { paths } from "./layout";

const knownHosts = (directory: string) => join(paths.keys(directory), "known_hosts");

/** Writes DIR/keys/known_hosts with every host of the sandbox. */
export async function writeKnownHosts(sandbox: Description): Promise<void> {
  const ofNodes = Object.values(sandbox.nodes).flatMap(({ host }) => host ?? []);
  const lines = [...Object.values(sandbox.managers), ...ofNodes].map(
    ({ address, sshPort, hostKey }) => `[${address}]:${sshPort} ${hostKey}`,
  );
  await writeFile(knownHosts(sandbox.directory), `${lines.join("\n")}\n`);
}

/** The arguments of `ssh` that log in to a manager's host: this sandbox's key and known hosts, nothing of the user's own. */
export function sshArguments(sandbox: Description, manager: ManagerDescription): string[] {
  const options = {
    IdentitiesOnly: "yes",
    BatchMode: "yes",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: knownHosts(sandbox.directory),
    LogLevel: "ERROR",
    ConnectTimeout: "10",
  };
  return [
    ...["-F", "/dev/null", "-i", sandbox.key, "-p", String(manager.sshPort)],
    ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    `${sandbox.user}@${manager.address}`,
  ];
}

/** Runs shell text on a manager's host, through OpenSSH's own client: what an operator at a terminal would see. */
export function runOnHost(
  sandbox: Description,
  manager: ManagerDescription,
  shellText: string,
  options: { stdin?: string; timeoutMs?: number } = {},
): Promise<Outcome> {
  return command("ssh", [...sshArguments(sandbox, manager), shellText], options);
}
