import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ManagerDescription, Sandbox } from "../sandbox";
import { type View, viewOf } from "../sandbox/demo/proof";
import { paths } from "../sandbox/layout";
import { type SlowLink, slowLink } from "../test/remote/slowLink";
import type { Case } from "./results";

/** What the benchmark recovers: one outage on a cluster, the same each time. */
export interface Scene {
  case: Case;
  sandbox: Sandbox;
  /** Names in the sandbox: the manager with the data, and the damaged one or the replacement. */
  good: string;
  other: string;
  /** What both must show at the end. */
  before: View;
  /** Where the operator reaches the hosts: directly, or over links that take their time. */
  reached: Record<string, { host: string; port: number }>;
  /** There are too many users to list. */
  crowd: boolean;
  /** The other ways' steps do nothing. */
  idle: boolean;
  end(): Promise<void>;
}

/** Brings the outage about. The lost or damaged manager is the master, the slave has the data. */
export async function strike(sandbox: Sandbox, what: Case, oneWayMs: number, crowd = false): Promise<Scene> {
  let other = "manager_0";
  if (what === "takeover") {
    await sandbox.lose("master");
    other = await sandbox.spare();
  } else await sandbox.damage("master");
  const good = "manager_1";
  const links: SlowLink[] = [];
  const reached: Scene["reached"] = {};
  for (const name of [good, other]) {
    const { address: host, sshPort: port } = sandbox.manager(name);
    reached[name] = { host, port };
    if (oneWayMs === 0) continue;
    const link = await slowLink({ host, port }, oneWayMs);
    links.push(link);
    reached[name] = { host: link.host, port: link.port };
  }
  return {
    ...{ case: what, sandbox, good, other, reached, crowd, idle: false },
    before: await viewOf(sandbox, good, crowd),
    end: async () => {
      for (const link of links) await link.stop();
    },
  };
}

/** Logins and sessions that the sshd of a host noted since it was installed. */
export async function sshdCounts(
  sandbox: Sandbox,
  name: string,
): Promise<{ handshakes: number; sessions: number }> {
  const log = await readFile(join(paths.ssh(sandbox.directory, name), "sshd.log"), "utf8").catch(() => "");
  const count = (pattern: RegExp) => [...log.matchAll(pattern)].length;
  return { handshakes: count(/Accepted publickey for /g), sessions: count(/Starting session: /g) };
}

/** The lines of sshd_config that make it note sessions. */
export const SSHD = ["LogLevel VERBOSE"];

/** The Mnesia directory of a manager. */
export const mnesiaOf = ({ home }: ManagerDescription): string => paths.mnesia(home);

/** Where the sandbox keeps the key that logs in to its hosts. */
export const keyOf = ({ sandbox }: Scene): string => paths.key(sandbox.directory);
