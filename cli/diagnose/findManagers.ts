import { readFileSync } from "node:fs";
import { lookAtState, type ManagerState } from "../../leofs/checks/view";
import { managerOn } from "../../leofs/manager/hostManager";
import { lookAtHost } from "../../leofs/manager/look";
import { readSettings } from "../../leofs/manager/settings";
import type { ManagerSpec } from "../../leofs/names";
import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { parseSections, valuesOf } from "../../remote/sections";
import { connect } from "../../remote/ssh/pool";
import type { SshHost } from "../../remote/ssh/sshHost";
import type { Login } from "./sshConfig";

/** A manager found on a host: where it is reached, and what was seen of it. */
export interface FoundManager {
  login: Login;
  view: ManagerState;
}

const FIND = script("cli/diagnose/scripts/find-homes.sh");

/** Homes of LeoFS managers on a host, read-only: those given, the usual places, and those whose managers run. */
async function findHomes(host: Host, given: readonly string[]): Promise<string[]> {
  const { stdout } = await host.run(FIND, { list: given }, { timeoutMs: 20_000 });
  return valuesOf(parseSections(stdout), "home");
}

/** What a person says of where to look. */
export interface FindOptions {
  /** Homes to look at besides the usual places; a host that does not have one is not asked for it. */
  homes: readonly string[];
  /** Where backups go on a manager's host. */
  backupDirectory: string;
}

/** The host of a login; the same one for the same login. */
export function hostOf({ connection, privateKeyFile, knownHostsFiles }: Login): SshHost {
  const key = privateKeyFile ? { privateKey: readFileSync(privateKeyFile, "utf8") } : {};
  return connect({ ...connection, ...key }, knownHostsFiles && { knownHostsFiles });
}

/**
 * Finds the managers on a host and looks at each, read-only. Where a host has homes of several nodes, those that are
 * named after the address it was reached by come before all others: the rest belongs to other machines.
 *
 * @throws RemoteError when the host cannot be reached.
 */
export async function findManagers(login: Login, options: FindOptions): Promise<FoundManager[]> {
  const host = hostOf(login);
  const homes = await findHomes(host, options.homes);
  const named = await Promise.all(homes.map((home) => managerIn(host, home)));
  const managers = named.filter((manager) => manager !== undefined);
  const own = managers.filter(({ node }) => node.endsWith(`@${login.connection.host}`));
  return Promise.all(
    (own.length > 0 ? own : managers).map(async (manager) => ({
      login,
      view: await lookAtState(await managerOn(host, manager, `${options.backupDirectory}/diagnose`)),
    })),
  );
}

/** The node name is in the conf, and its processes are found by it: so a manager is looked at twice. */
async function managerIn(host: Host, home: string): Promise<ManagerSpec | undefined> {
  const nameless = { node: "?", home };
  const facts = await lookAtHost(host, nameless);
  const { node } = readSettings(nameless, facts);
  if (node === undefined) return undefined;
  return { node, home, ...(facts.runAs !== facts.user && { runAs: facts.runAs }) };
}
