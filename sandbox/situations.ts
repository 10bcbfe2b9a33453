import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { managerLimit } from "./addresses";
import { enableUnit, startManagerHost } from "./cluster";
import { eventually } from "./commands";
import { type WrittenData, writeData } from "./data";
import {
  type Description,
  type ManagerDescription,
  managerOf,
  newIncident,
  type Role,
  writeDescription,
} from "./describe";
import type { EnvironmentOf } from "./environment";
import { paths } from "./layout";
import { writeKnownHosts } from "./login";
import { controlScript, installManager, isRunning, serves } from "./managers";
import { enter, powerOff } from "./package/machine";
import { endAll, processesOfHome } from "./processes";
import { stopHost } from "./sshHosts";

/** How `damage` spoils Mnesia's files. */
export interface Damage {
  /** `truncate` (default): every file keeps its first half. `garble`: the middle of every file is overwritten. */
  how?: "truncate" | "garble";
  /** Leave the manager running on what it has in memory. Default: it is killed first, as by the crash behind the damage. */
  keepRunning?: boolean;
}

/** A killed manager: heart first, or it would be back in a second; systemd would bring it back 20 s later. */
async function kill(manager: ManagerDescription): Promise<void> {
  await endAll(() => processesOfHome(manager.home));
  const { machine, unit } = manager;
  if (machine && unit) await enter(machine, ["systemctl", "stop", unit]);
}

/** Takes a host off the network, with all that runs on it; its files stay. */
export async function powerOffHost(sandbox: Description, name: string): Promise<void> {
  const { machine, home } = sandbox.managers[name]!;
  if (machine) return powerOff(machine);
  await endAll(() => processesOfHome(home));
  await stopHost({ directory: sandbox.directory, name });
}

/** Kills a manager with everything on its host, takes its files away, ends its sshd. Returns its name. */
export async function lose(sandbox: Description, role: Role): Promise<string> {
  const name = managerOf(sandbox, role);
  const manager = sandbox.managers[name]!;
  await powerOffHost(sandbox, name);
  await rm(paths.host(sandbox.directory, name), { recursive: true, force: true });
  manager.lost = true;
  sandbox.incident = newIncident(`${name}-lost`);
  await writeDescription(sandbox);
  return name;
}

async function spoil(file: string, how: "truncate" | "garble"): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const { size } = await handle.stat();
    if (how === "truncate") {
      await handle.truncate(Math.floor(size / 2));
      return;
    }
    // Not all of one byte: that could pass for a sparse file's hole.
    const noise = Buffer.from(Array.from({ length: Math.ceil(size / 2) }, (_, at) => (at * 167 + 13) % 251));
    await handle.write(noise, 0, noise.length, Math.floor(size / 4));
  } finally {
    await handle.close();
  }
}

/** Spoils every Mnesia file of a manager. Returns its name. */
export async function damage(sandbox: Description, role: Role, damage: Damage = {}): Promise<string> {
  const name = managerOf(sandbox, role);
  const manager = sandbox.managers[name]!;
  if (damage.keepRunning !== true) await kill(manager);
  const folder = paths.mnesia(manager.home);
  for (const file of await readdir(folder)) await spoil(join(folder, file), damage.how ?? "truncate");
  manager.damaged = true;
  sandbox.incident = newIncident(`${name}-damaged`);
  await writeDescription(sandbox);
  return name;
}

/**
 * Installs one more manager on a host of its own, as a package would leave it: never started, own node name and
 * ports, the cluster's cookie, `manager.partner` not yet changed. Returns its name. Without a role: that of the
 * lost manager.
 */
export async function spare(of: EnvironmentOf, sandbox: Description, role?: Role): Promise<string> {
  const managers = Object.values(sandbox.managers);
  const replaced = role ?? managers.find((manager) => manager.lost)?.role;
  if (replaced === undefined)
    throw new Error('no manager was lost, so say which role the spare is for: "spare --role slave"');
  const number = managers.length;
  if (number >= managerLimit) throw new Error(`one sandbox has at most ${managerLimit} managers`);
  const name = `manager_${number}`;
  const manager = await installManager(of, number, replaced);
  sandbox.managers[name] = manager;
  await writeKnownHosts(sandbox);
  await startManagerHost(of.tools, sandbox, name, manager);
  await enableUnit(manager);
  await writeDescription(sandbox);
  return name;
}

/**
 * Stops one manager (default: the slave) and writes users through the other, so that the stopped one's files are
 * stale. It stays stopped. Returns what was written.
 */
export async function writeWhileDown(
  sandbox: Description,
  stopped: Role = "slave",
  users = 2,
): Promise<WrittenData> {
  const other = sandbox.managers[managerOf(sandbox, stopped === "slave" ? "master" : "slave")]!;
  const manager = sandbox.managers[managerOf(sandbox, stopped)]!;
  if (!(await serves(other)))
    throw new Error(`${other.node} does not serve, so nothing can be written through it. Start it first.`);
  await controlScript(manager, "stop");
  await eventually(`${manager.node} stopped`, 30_000, async () =>
    (await isRunning(manager)) ? undefined : true,
  );
  return writeData(other, { users }, `late-${Date.now().toString(36)}-`);
}
