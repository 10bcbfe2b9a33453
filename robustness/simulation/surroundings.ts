import type { CopyTree } from "../../leofs/incident/backups/restoreFiles";
import { lookAtManager } from "../../leofs/manager/hostManager";
import type { LookedAt } from "../../leofs/manager/lookedAt";
import type { Manager } from "../../leofs/manager/manager";
import type { ManagerSpec } from "../../leofs/names";
import type { Surroundings } from "../../providers/session/surroundings";
import type { Host } from "../../remote/host";
import type { Lock } from "../../remote/lock/heldLock";
import { EMPTY, outOfBackup } from "./files";
import { clockOf, type Intercept, machineOf, SimulatedHost } from "./host";
import { lookText } from "./looks";
import { SimulatedManager } from "./simulatedManager";
import type { World } from "./world";

/** What is different from the product as it is: how the simulation shows that it would notice. */
export interface Broken {
  run?: Intercept;
  /** What a manager does instead. */
  manager?: (manager: Manager) => Partial<Manager>;
}

/** A world as the product reaches it, for one `up`. */
export function surroundingsOf(world: World, { run, manager: changed }: Broken = {}): Surroundings {
  const hosts = world.machines.map((machine) => new SimulatedHost(machine, run));
  const managerOn = async (host: Host, spec: ManagerSpec, incident: string): Promise<Manager> => {
    const looked = await look(host, spec, incident);
    const made = () => new SimulatedManager(looked, machineOf(host), () => managerOn(host, spec, incident));
    return changed ? Object.assign(made(), changed(made())) : made();
  };
  return {
    clock: clockOf(world),
    connect: ({ host: address }) => hosts.find(({ machine }) => machine.address === address)!,
    manager: managerOn,
    acquireLock: () => lock(world),
    lockedBy: async () => undefined,
    copyTree,
    serviceLoginProblem: async () => undefined,
  };
}

let known = new Map<string, LookedAt>();

/** The product's own look, worked out once for each thing that it can show. */
async function look(host: Host, spec: ManagerSpec, incident: string): Promise<LookedAt> {
  const machine = machineOf(host);
  const { manager, world } = machine;
  const { key, before, text } = await world.remote(`look at ${manager.node}`, () => ({
    steps: [],
    answer: () => {
      const key = `${host.label} ${manager.role} ${manager.vm?.pid} ${manager.startedWith} ${machine.conf}`;
      const before = known.get(key);
      return { key, before, text: before ? "" : lookText(machine) };
    },
  }));
  const seen = before ?? (await lookAtManager(printing(host.label, text), spec, incident));
  if (known.size > 5_000) known = new Map();
  known.set(key, seen);
  return { ...seen, host, place: { ...seen.place, host } };
}

/** A host whose scripts print a text. */
const printing = (label: string, stdout: string): Host =>
  ({ label, run: async () => ({ code: 0, stdout, stderr: "" }) }) as unknown as Host;

/** The lock has tests of its own; here it is a remote call like any other, and nobody else holds it. */
async function lock(world: World): Promise<Lock> {
  const call = () => world.remote("lock", () => ({ steps: [], answer: () => undefined }));
  await call();
  return { verify: call, release: async () => undefined, abandon: call, quiet: async () => true, gone: [] };
}

/** Under another name file by file, then renamed. */
const copyTree: CopyTree = async (from, to) => {
  const [source, target] = [machineOf(from.host), machineOf(to.host)];
  return source.world.remote(`copy ${from.directory} to ${to.directory}`, () => {
    const backup = from.directory.slice(0, from.directory.lastIndexOf("/"));
    const tree = outOfBackup(source.trees.get(backup) ?? EMPTY);
    return {
      steps: [
        () => target.putTree(`${to.directory}.partial`, new Map([...tree].slice(0, 1))),
        () => {
          target.putTree(`${to.directory}.partial`, undefined);
          target.putTree(to.directory, tree);
        },
      ],
      answer: () => undefined,
    };
  });
};
