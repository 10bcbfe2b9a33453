import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { succeed } from "./commands";
import { type Description, writeDescription } from "./describe";
import { paths } from "./layout";
import { writeKnownHosts } from "./login";
import { controlScript } from "./managers";
import { powerOff } from "./package/machine";
import { endAll, processesOfHome } from "./processes";
import { stopHost } from "./sshHosts";

const parts = ["hosts", "nodes"];

/** Copies hosts and nodes aside, in a state to come back to. Everything must be stopped: see `stopNodes`. */
export async function takeSnapshot(sandbox: Description): Promise<void> {
  const target = paths.snapshot(sandbox.directory);
  await machinesOff(sandbox);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const part of parts) await succeed("cp", ["-a", join(sandbox.directory, part), target]);
  await writeFile(join(target, "managers.json"), JSON.stringify(sandbox.managers));
}

const machinesOff = (sandbox: Description): Promise<unknown> =>
  Promise.all(Object.values(sandbox.managers).map(({ machine }) => machine && powerOff(machine)));

/** Ends the nodes, which keep nothing, and stops the managers cleanly, the master last: it may then start alone. */
export async function stopNodes(sandbox: Description): Promise<void> {
  await Promise.all(Object.values(sandbox.nodes).map((node) => endAll(() => processesOfHome(node.home))));
  const managers = Object.values(sandbox.managers).filter((manager) => !manager.lost);
  for (const role of ["slave", "master"] as const)
    for (const manager of managers) if (manager.role === role) await controlScript(manager, "stop");
}

/**
 * Puts back what `takeSnapshot` copied: kills every node, replaces hosts and nodes, forgets managers that came later.
 * Starts nothing. Throws when there is no snapshot.
 */
export async function putBack(sandbox: Description): Promise<void> {
  const source = paths.snapshot(sandbox.directory);
  const list = join(source, "managers.json");
  if (!existsSync(list)) throw new Error(`there is no snapshot in ${sandbox.directory}: take one first`);
  const managers = JSON.parse(await readFile(list, "utf8")) as Description["managers"];
  const homes = [...Object.values(sandbox.managers), ...Object.values(sandbox.nodes)].map((one) => one.home);
  await machinesOff(sandbox);
  await Promise.all(homes.map((home) => endAll(() => processesOfHome(home))));
  for (const name of Object.keys(sandbox.managers))
    if (managers[name] === undefined) await stopHost({ directory: sandbox.directory, name });
  for (const part of parts) {
    await rm(join(sandbox.directory, part), { recursive: true, force: true });
    await succeed("cp", ["-a", join(source, part), sandbox.directory]);
  }
  sandbox.managers = managers;
  await writeKnownHosts(sandbox);
  await writeDescription(sandbox);
}
