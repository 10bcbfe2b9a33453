import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addressing } from "./addresses";
import { command, eventually, type Outcome } from "./commands";
import { consoleCommand } from "./console";
import type { Description, ManagerDescription, Role } from "./describe";
import { type EnvironmentOf, sharedEnvironment } from "./environment";
import { evaluate } from "./erlang";
import { installHome } from "./homes";
import { paths, sourceDirectory } from "./layout";
import { consolePorts, managerConf, packagedPartner } from "./managerConf";
import { installMachine, installPackaged, packagedHome } from "./package/install";
import { enter } from "./package/machine";
import { unitOf } from "./package/units";
import { vmsOfHome } from "./processes";
import type { Requirements } from "./requirements";
import { installHost } from "./sshHosts";

/** LeoFS's tables: a pair has formed when each is on disc on both managers. */
const tableCount = 22;

const nodeAddress = (of: EnvironmentOf, number: number) =>
  of.settings.addresses === "recorded" ? "127.0.0.1" : addressing.manager(of.index, number);

/** The node name that manager `number` of this sandbox has, or would have. */
export const managerNode = (of: EnvironmentOf, number: number) =>
  `manager_${number}@${nodeAddress(of, number)}`;

/** Makes a host with one installed manager on it: sshd not started, manager never started. */
export async function installManager(
  of: EnvironmentOf,
  number: number,
  role: Role,
  /** Node name of the other manager; without it the conf keeps what the package came with. */
  partner?: string,
): Promise<ManagerDescription> {
  const name = `manager_${number}`;
  const packaged = of.settings.layout === "package";
  const home = packaged ? packagedHome(of.directory, name, role) : paths.managerHome(of.directory, name);
  const backups = paths.backups(of.directory, name);
  const bin = join(paths.host(of.directory, name), "bin");
  const address = nodeAddress(of, number);
  const conf = managerConf({
    role,
    number,
    node: managerNode(of, number),
    partner: partner ?? packagedPartner(role),
    address,
    cookie: of.settings.cookie,
    cluster: of.settings.cluster,
    storages: of.settings.storages,
  });
  await Promise.all([mkdir(backups, { recursive: true }), mkdir(bin, { recursive: true })]);
  await copyFile(join(sourceDirectory(), "files", "leofs-adm"), join(bin, "leofs-adm"));
  await writeFile(join(bin, "leofs-adm.flavour"), `${of.settings.adm}\n`);
  const node = { type: "leo_manager", home, address, conf, role } as const;
  const { etc } = packaged
    ? await installPackaged(of, name, node)
    : { etc: await installHome(of, node).then(() => join(home, "etc")) };
  const ports = consolePorts(number);
  const ssh = { address: addressing.manager(of.index, number), port: 2222 };
  const environment = {
    ...sharedEnvironment(of, bin),
    LEOFS_ADM_HOST: address,
    LEOFS_ADM_PORT: String(ports.consolePort),
  };
  const { sshd } = of.settings;
  const usePam = of.debian === undefined ? undefined : false;
  const hostKey = await installHost(of.tools, {
    directory: of.directory,
    name,
    ...ssh,
    environment,
    sshd,
    usePam,
  });
  if (of.debian !== undefined) await installMachine(of, name, home);
  return {
    role,
    node: managerNode(of, number),
    home,
    etc,
    ...(of.debian !== undefined && {
      machine: { directory: of.directory, name },
      unit: unitOf(role),
    }),
    address: ssh.address,
    sshPort: ssh.port,
    hostKey,
    nodeAddress: address,
    ...ports,
    backups,
    spare: partner === undefined,
    lost: false,
  };
}

/**
 * `bin/leo_manager <arguments>` as the sandbox's user, without a login. Exit codes and output are the script's. Where
 * systemd looks after the manager, `start` is its unit's, and so is `stop` while the unit is active.
 */
export async function controlScript(
  manager: Pick<ManagerDescription, "home" | "machine" | "unit">,
  ...args: string[]
): Promise<Outcome> {
  const { machine, unit } = manager;
  if (machine && unit) {
    const timeoutMs = 200_000;
    if (args[0] === "start" && args.length === 1)
      return enter(machine, ["systemctl", "start", "--no-block", unit], { timeoutMs });
    const active = await enter(machine, ["systemctl", "is-active", "--quiet", unit]);
    if (args[0] === "stop" && active.code === 0)
      return enter(machine, ["systemctl", "stop", unit], { timeoutMs });
    return enter(machine, [join(manager.home, "bin", "leo_manager"), ...args], { timeoutMs });
  }
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  return command(join(manager.home, "bin", "leo_manager"), args, { env, timeoutMs: 200_000 });
}

/** Whether the manager's VM is there. Says nothing about what it does. */
export async function isRunning(manager: Pick<ManagerDescription, "home">): Promise<boolean> {
  return (await vmsOfHome(manager.home)).length > 0;
}

/** The reply of the manager's text console; undefined when nobody answers there. */
export function reply(manager: ManagerDescription, line: string): Promise<string | undefined> {
  return consoleCommand(manager.nodeAddress, manager.consolePort, line).catch(() => undefined);
}

/** Whether the manager serves: `status` begins as it does with all it needs in its tables. */
export async function serves(manager: ManagerDescription): Promise<boolean> {
  return (await reply(manager, "status"))?.startsWith(" [System Confiuration]") ?? false;
}

/** How many of LeoFS's tables the manager has on its disc; undefined while its Mnesia does not run. */
export async function tablesOnDisc(
  tools: Requirements,
  sandbox: Description,
  manager: ManagerDescription,
): Promise<number | undefined> {
  const answer = await evaluate(
    tools,
    sandbox,
    manager.node,
    "length([T || T <- mnesia:system_info(local_tables), T =/= schema, " +
      "mnesia:table_info(T, storage_type) =:= disc_copies, mnesia:table_info(T, where_to_read) =/= nowhere])",
  );
  return answer !== undefined && /^\d+$/.test(answer) ? Number(answer) : undefined;
}

/** Returns when both managers serve and have every table on disc. Starts a slave again that gave up, as an operator would. */
export async function waitForPair(
  tools: Requirements,
  sandbox: Description,
  pair: readonly ManagerDescription[],
  limitMs: number,
): Promise<void> {
  let restarts = 0;
  await eventually(`both managers with all ${tableCount} tables`, limitMs, async () => {
    const counts = await Promise.all(pair.map((manager) => tablesOnDisc(tools, sandbox, manager)));
    if (counts.every((count) => count === tableCount))
      return (await Promise.all(pair.map(serves))).every(Boolean) ? true : undefined;
    const slave = pair.find((manager) => manager.role === "slave");
    if (slave !== undefined && restarts < 3 && !(await isRunning(slave))) {
      restarts += 1;
      await controlScript(slave, "start");
    }
    return undefined;
  });
}
