import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { paths } from "./layout";
import type { Settings } from "./options";
import type { Machine } from "./package/machine";

/** LeoFS's two manager roles. */
export type Role = "master" | "slave";

/** One manager and the host it is on. */
export interface ManagerDescription {
  role: Role;
  /** Erlang node name. */
  node: string;
  home: string;
  /** The directory of its conf in effect, as this machine sees it. */
  etc: string;
  /** Its host, where that is a machine of its own; undefined: a directory and an sshd of this machine. */
  machine?: Machine;
  /** The systemd unit that runs it; undefined: its script starts it. */
  unit?: string;
  /** Where its host's sshd listens. */
  address: string;
  sshPort: number;
  /** As in known_hosts: `ssh-ed25519 AAAA...`. */
  hostKey: string;
  /** Where its consoles and its Erlang distribution listen: `address` too, but 127.0.0.1 in recorded mode. */
  nodeAddress: string;
  consolePort: number;
  jsonPort: number;
  /** Empty and writable: for backups. */
  backups: string;
  /** Installed later by `spare`, never started by the sandbox. */
  spare: boolean;
  /** Taken away by `lose`: no process, no file, no sshd. */
  lost: boolean;
  /** Its Mnesia files were spoilt by `damage`. */
  damaged?: boolean;
}

/** One storage or gateway node. */
export interface NodeDescription {
  type: "storage" | "gateway";
  node: string;
  home: string;
  /** The sshd of its address, with the option `nodeHosts`. */
  host?: { name: string; address: string; sshPort: number; hostKey: string };
}

/** sandbox.json: everything that somebody outside needs to know about a sandbox. */
export interface Description {
  version: 1;
  /** `building` until the first `up` came to its end. */
  state: "building" | "ready";
  cluster: string;
  directory: string;
  /** Which sandbox of this machine: the third number of its addresses. */
  index: number;
  epmdPort: number;
  cookie: string;
  adm: "shipped" | "documented";
  /** Private key that logs in to every host. */
  key: string;
  /** The user to log in as. */
  user: string;
  /** Of the layout `package`: the Debian that every host is a machine of; undefined: there are no machines. */
  debian?: string;
  managers: Record<string, ManagerDescription>;
  nodes: Record<string, NodeDescription>;
  settings: Settings;
  /** Name of the last `lose` or `damage`, as an operator would name the outage. */
  incident?: string;
}

/** Names an outage after its moment and its manager; each is another one. */
export const newIncident = (what: string, at = new Date()): string =>
  `${at.toISOString().slice(0, 19).replaceAll(":", "")}-${what}`;

/** Reads sandbox.json; undefined when the directory holds no sandbox. Throws when the file cannot be understood. */
export async function readDescription(directory: string): Promise<Description | undefined> {
  const file = paths.description(directory);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const description = JSON.parse(text) as Description;
    if (description.version === 1 && description.directory === directory) return description;
  } catch {
    // Falls through to the message below: what matters is the same.
  }
  throw new Error(
    `${file} is not a description of this sandbox (damaged, moved, or of another version). ` +
      `End it with "npm run sandbox -- down --directory ${directory}" and build it again.`,
  );
}

/** Extra files that go with the description, such as a stack file. Without a text the file is not there. */
export type Companion = (description: Description) => { name: string; text: string | undefined };

/** Written again with every change of the situation; filled by whoever knows the settings. */
export const companions: Companion[] = [];

/** Writes sandbox.json and its companions; readers see the old text or the new one, never half of it. */
export async function writeDescription(description: Description): Promise<void> {
  const own = { name: "sandbox.json", text: `${JSON.stringify(description, undefined, 2)}\n` };
  for (const { name, text } of [own, ...companions.map((companion) => companion(description))]) {
    const target = join(description.directory, name);
    if (text === undefined) {
      await rm(target, { force: true });
      continue;
    }
    const staged = `${target}.${process.pid}.new`;
    await writeFile(staged, text, { mode: 0o600 });
    await rename(staged, target);
  }
}

/** The manager that has this role now: a spare only once the one before it was lost. Throws when there is none. */
export function managerOf(description: Description, role: Role): string {
  const there = Object.entries(description.managers).filter(([, one]) => one.role === role && !one.lost);
  const found = there.find(([, one]) => !one.spare) ?? there[0];
  if (found !== undefined) return found[0];
  throw new Error(`there is no ${role} in this sandbox any more: it was lost. "reset" builds a new cluster.`);
}
