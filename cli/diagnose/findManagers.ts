import { readFileSync } from "node:fs";
import { lookAtState, type ManagerState } from "../../leofs/checks/view";
import { managerOn } from "../../leofs/manager/hostManager";
import { lookAtHost, NAMELESS } from "../../leofs/manager/look";
import { readSettings } from "../../leofs/manager/settings";
import type { ManagerSpec } from "../../leofs/names";
import { type Host, hasKind } from "../../remote/host";
import { script } from "../../remote/script";
import { parseSections, type Sections, valuesOf } from "../../remote/sections";
import { connect } from "../../remote/ssh/pool";
import type { SshHost } from "../../remote/ssh/sshHost";
import { managersOfHost } from "./managersOfHost";
import type { Login } from "./sshConfig";

/** A manager found on a host: where it is reached, and what was seen of it. */
export interface FoundManager {
  login: Login;
  view: ManagerState;
}

const FIND = script("cli/diagnose/scripts/find-homes.sh");

/** A home, and as whom it must be looked at where the user who logs in may not enter it. */
type FoundHome = Pick<ManagerSpec, "home" | "runAs">;

/** Homes of LeoFS managers on a host, read-only: those given, else those in the usual places, and those whose managers run. */
async function findHomes(host: SshHost, login: string, given: readonly string[]): Promise<FoundHome[]> {
  const look = async (as?: string): Promise<Sections> =>
    parseSections((await host.run(FIND, { list: given }, { timeoutMs: 20_000, as })).stdout);
  const seen = await look();
  const open = valuesOf(seen, "home");
  const closed = valuesOf(seen, "closed").map(
    (line) => /^(\S+) (.*)$/.exec(line)!.slice(1) as [string, string],
  );
  if (open.length > 0 || closed.length === 0) return open.map((home) => ({ home }));
  // Whose directory it is may look into it: LeoFS's user, where LeoFS lies in that user's home.
  const owners = [...new Set(closed.map(([owner]) => owner))];
  const inside = await Promise.all(
    owners.map(async (runAs) =>
      valuesOf(await look(runAs).catch(noRight), "home").map((home) => ({ home, runAs })),
    ),
  );
  if (inside.flat().length > 0) return inside.flat();
  const directories = closed.map(([owner, path]) => `${path} (of ${owner})`).join(", ");
  throw new Error(
    `${login} may not look into ${directories}, so whether a manager is there is not seen. Log in as root or as the user LeoFS runs as`,
  );
}

/** Nothing is seen as another user where the login may not act as that one. */
function noRight(error: unknown): Sections {
  if (hasKind(error, "sudo")) return parseSections("");
  throw error;
}

/** What a person says of where to look. */
export interface FindOptions {
  /** Homes to look at; where a host has one of them, nothing else of it is looked at. None: the usual places. */
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
 * Finds the managers of a host and looks at each, read-only. Where it has homes of several nodes, those that are not its own
 * are left out.
 *
 * @throws RemoteError when the host cannot be reached.
 */
export async function findManagers(login: Login, options: FindOptions): Promise<FoundManager[]> {
  const host = hostOf(login);
  const homes = await findHomes(host, login.connection.user ?? "root", options.homes);
  const named = await Promise.all(homes.map((home) => managerIn(host, home)));
  const managers = named.filter((manager) => manager !== undefined);
  const here = managers.filter(({ node }) => node.endsWith(`@${login.connection.host}`));
  const views = await Promise.all(
    (here.length > 0 ? here : managers).map(async (manager) =>
      lookAtState(await managerOn(host, manager, `${options.backupDirectory}/diagnose`)),
    ),
  );
  return managersOfHost(views).map((view) => ({ login, view }));
}

/** The node name is in the conf, and its processes are found by it: so a manager is looked at twice. */
async function managerIn(host: Host, { home, runAs }: FoundHome): Promise<ManagerSpec | undefined> {
  const nameless = { node: NAMELESS, home, ...(runAs && { runAs }) };
  const facts = await lookAtHost(host, nameless);
  const { node } = readSettings(nameless, facts);
  if (node === undefined) {
    const { unreadable } = facts.conf;
    if (unreadable)
      throw new Error(
        `${host.label}: ${facts.user} cannot read ${unreadable}. Let that user read it, or log in as root`,
      );
    return undefined;
  }
  const other = runAs ?? (facts.runAs !== facts.user ? facts.runAs : undefined);
  return { node, home, ...(other && { runAs: other }) };
}
