import { existsSync } from "node:fs";
import { join } from "node:path";
import { listens } from "./addresses";
import { eventually } from "./commands";
import { consoleCommand } from "./console";
import { writeData } from "./data";
import { type Description, type ManagerDescription, writeDescription } from "./describe";
import type { EnvironmentOf } from "./environment";
import { compile } from "./homes";
import { writeKnownHosts } from "./login";
import {
  controlScript,
  installManager,
  isRunning,
  managerNode,
  reply,
  serves,
  waitForPair,
} from "./managers";
import { installNodeHosts, startNodeHosts } from "./nodeHosts";
import { installNode, managersFollowed, startNodes } from "./nodes";
import { enter, powerOn } from "./package/machine";
import type { Requirements } from "./requirements";
import { makeClientKey, startHost } from "./sshHosts";

type Report = (line: string) => void;

const each = <T>(count: number, make: (number: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, number) => make(number)));

/** Generous: LeoFS's own clocks, and a machine that is busy with something else. */
function patience(sandbox: Description): number {
  const timers = sandbox.settings.timers;
  return 60_000 + 3 * timers.SANDBOX_PARTNER_POLL_MS + timers.SANDBOX_LATE_TABLES_MS;
}

/** Installs everything a new cluster has and starts its hosts. Fills the description. */
export async function install(of: EnvironmentOf, sandbox: Description): Promise<void> {
  await makeClientKey(of.tools, of.directory);
  const compiled = compile(of.tools, of.directory);
  compiled.catch(() => undefined);
  const partners = [managerNode(of, 0), managerNode(of, 1)] as const;
  const [master, slave] = await Promise.all([
    installManager(of, 0, "master", partners[1]),
    installManager(of, 1, "slave", partners[0]),
  ]);
  sandbox.managers = { manager_0: master, manager_1: slave };
  const storages = await each(of.settings.storages, (n) => installNode(of, "storage", n, partners));
  const gateways = await each(of.settings.gateways, (n) => installNode(of, "gateway", n, partners));
  for (const node of [...storages, ...gateways]) sandbox.nodes[node.node.split("@")[0]!] = node;
  await installNodeHosts(of, sandbox);
  await writeKnownHosts(sandbox);
  await writeDescription(sandbox);
  await Promise.all([startHosts(of.tools, sandbox), compiled]);
}

/** Starts the sshd of every host that was not lost, where it does not run. */
async function startHosts(tools: Requirements, sandbox: Description): Promise<void> {
  const hosts = Object.entries(sandbox.managers).filter(([, manager]) => !manager.lost);
  await Promise.all([
    ...hosts.map(([name, manager]) => startManagerHost(tools, sandbox, name, manager)),
    startNodeHosts(tools, sandbox),
  ]);
}

/** Starts a manager's host, unless it is there; as a machine it starts what is enabled there by itself. */
export async function startManagerHost(
  tools: Requirements,
  sandbox: Description,
  name: string,
  { machine, address, sshPort }: ManagerDescription,
): Promise<void> {
  const { directory, debian } = sandbox;
  if (machine === undefined || debian === undefined)
    return startHost(tools, { directory, name, address, port: sshPort });
  await powerOn(debian, machine);
  if (!(await listens(address, sshPort)))
    await enter(machine, ["systemctl", "start", "sandbox-sshd.service"]);
  await eventually(`sshd of ${name} on ${address}:${sshPort}`, 20_000, async () =>
    (await listens(address, sshPort)) ? true : undefined,
  );
}

/** Has systemd start a manager with its machine from now on; nothing is started. */
export async function enableUnit({ machine, unit }: ManagerDescription): Promise<void> {
  if (machine === undefined || unit === undefined) return;
  const { code, stderr } = await enter(machine, ["systemctl", "enable", unit]);
  if (code !== 0) throw new Error(`${unit} of ${machine.name} could not be enabled: ${stderr.trim()}`);
}

/** How many storage and gateway nodes the manager's status shows in this state. */
async function listed(manager: ManagerDescription, state: string): Promise<number> {
  const status = (await reply(manager, "status")) ?? "";
  return status.split("\n").filter((line) => new RegExp(`^  [SG] .*\\| ${state} `).test(line)).length;
}

async function waitForNodes(manager: ManagerDescription, wanted: number, limitMs: number): Promise<void> {
  await eventually(`${wanted} nodes running in the status of ${manager.node}`, limitMs, async () =>
    (await listed(manager, "running")) >= wanted ? true : undefined,
  );
}

/** First start of an installed cluster: pair, nodes, `start`, data. */
export async function form(tools: Requirements, sandbox: Description, report: Report): Promise<void> {
  const master = sandbox.managers.manager_0!;
  const slave = sandbox.managers.manager_1!;
  await Promise.all([master, slave].map(enableUnit));
  report("starting the master, then the slave");
  await controlScript(master, "start");
  // The other way round the slave gives up and the pair never forms.
  await eventually(`the console of ${master.node}`, 30_000, async () =>
    (await reply(master, "version")) === undefined ? undefined : true,
  );
  await controlScript(slave, "start");
  const formed = waitForPair(tools, sandbox, [master, slave], patience(sandbox));
  formed.catch(() => undefined);
  await eventually(`status of ${master.node}`, patience(sandbox), async () =>
    (await serves(master)) ? true : undefined,
  );
  const nodes = Object.values(sandbox.nodes);
  report(`starting ${nodes.map((node) => node.node.split("@")[0]).join(", ") || "no nodes"}`);
  await startNodes(tools, sandbox, nodes, patience(sandbox));
  await formed;
  if (sandbox.settings.storages > 0) {
    await eventually("every storage node attached", patience(sandbox), async () =>
      (await listed(master, "attached")) >= sandbox.settings.storages ? true : undefined,
    );
    const answer = await consoleCommand(master.nodeAddress, master.consolePort, "start", 60_000);
    if (!answer.includes("OK")) throw new Error(`"start" was answered with "${answer.trim()}"`);
    await waitForNodes(master, Object.keys(sandbox.nodes).length, patience(sandbox));
  }
  report("writing users, buckets and endpoints");
  await writeData(master, sandbox.settings);
}

/** A spare stays unstarted until somebody starts it; its script then leaves the generated files. */
const wasStarted = (manager: ManagerDescription) =>
  !manager.spare || existsSync(join(manager.etc, "vm.args"));

/**
 * Starts what of an existing cluster does not run, as far as its situation allows, and reports what does not come:
 * a sandbox is there to be broken. Data is never written here.
 */
export async function startAll(tools: Requirements, sandbox: Description, report: Report): Promise<void> {
  await startHosts(tools, sandbox);
  const managers = Object.values(sandbox.managers).filter((manager) => !manager.lost && wasStarted(manager));
  await Promise.all(
    managers.map(async (manager) => {
      if (!(await isRunning(manager))) await controlScript(manager, "start");
    }),
  );
  const limit = 15_000 + sandbox.settings.timers.SANDBOX_PARTNER_POLL_MS;
  for (const manager of managers)
    await eventually(manager.node, limit, async () => ((await serves(manager)) ? true : undefined)).catch(
      () => report(`${manager.node} does not serve; see its log in ${manager.home}/log`),
    );
  let following = 0;
  await Promise.all(
    Object.values(sandbox.nodes).map(async (node) => {
      const runs = (await managersFollowed(tools, sandbox, node)) !== undefined;
      const started = runs ? undefined : startNodes(tools, sandbox, [node], 8_000);
      await started?.then(undefined, (error: Error) => report(error.message));
      if ((await managersFollowed(tools, sandbox, node)) !== undefined) following += 1;
    }),
  );
  // Registration needs a moment more; a manager that does not serve has been reported above.
  for (const manager of managers)
    if (await serves(manager)) {
      await waitForNodes(manager, following, limit).catch((error: Error) => report(error.message));
      return;
    }
}
