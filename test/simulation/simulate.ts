import type { ManagerTarget } from "../../providers/arguments";
import { releaseLock } from "../../providers/pairLock";
import { type Declared, type State, up } from "./engine";
import { mnesiaFiles } from "./files";
import type { HandStep, History } from "./history";
import { takeover } from "./recipes";
import { FRESH_ROWS, RING_ROW, rowsOf, STORAGE_ROW } from "./rows";
import { stage } from "./seams";
import { type SimulatedMachine, Violation, World } from "./world";

/** What a history showed, for the counts. */
export interface Played {
  ups: number;
  calls: number;
  /** Ups that failed, were broken off or refused. */
  failed: number;
  /** Writes that users were told are done. */
  writes: number;
}

/** Undisturbed runs after which a recovery must be over. */
const FURTHER = 5;
const COMMON = { cluster: "production", incident: "one" };
const LOST = "manager_9@10.0.0.19";

const targetOf = ({ manager, home, address }: SimulatedMachine): ManagerTarget => ({
  node: manager.node,
  home,
  backupDirectory: "/backups",
  connection: { host: address, user: "leofs", password: "biscuit" },
});

/**
 * Plays a history against the product and sees that nothing is lost.
 *
 * @throws Violation with what was found
 */
export async function play(history: History, trace?: (line: string) => void): Promise<Played> {
  const { world, declared, targets } = prepare(history);
  world.trace = trace;
  const state: State = new Map();
  const played: Played = { ups: 0, calls: 0, failed: 0, writes: 0 };
  let error: string | undefined;
  const run = async (refresh: boolean) => {
    // Every run is a process of its own, which holds no lock yet.
    await releaseLock(targets).catch(() => undefined);
    world.calls = 0;
    const result = await up(declared, state, refresh, () => world.gone);
    if (world.violation) throw world.violation;
    world.trace?.(`up ${played.ups + 1}: ${result.error ?? "done"} [${result.done.join(" ")}]`);
    played.ups += 1;
    played.calls += world.calls;
    if (result.error !== undefined) played.failed += 1;
    else if (result.done.includes("registration")) seeProven(world, result.outputs.registration!.verdict);
    error = result.error;
    return result;
  };
  for (const plan of history.ups) {
    for (const step of plan.byHand) byHand(world, step);
    if (plan.stateLost) state.clear();
    world.begin(plan.fault, plan.writes);
    await run(plan.refresh);
  }
  const said: string[] = [];
  for (let n = 0; n < FURTHER; n += 1) {
    obey(world, error);
    world.begin(undefined, []);
    const { error: why } = await run(true);
    said.push(why ?? "done");
    if (why === undefined) {
      await seeQuiet(world, declared, state);
      played.writes = world.writesDone;
      return played;
    }
  }
  throw new Violation(`not recovered after ${FURTHER} further runs:\n${said.join("\n")}`);
}

function prepare({ goodRole, testUserGone }: History): {
  world: World;
  declared: readonly Declared[];
  targets: ManagerTarget[];
} {
  const world = new World();
  stage.world = world;
  const other = goodRole === "master" ? "slave" : "master";
  const survivor = world.add("manager_1@10.0.0.11", goodRole, LOST);
  const replacement = world.add("manager_2@10.0.0.12", other, "manager_0@127.0.0.1");
  const cells = new Map([...FRESH_ROWS.cells, [STORAGE_ROW, 1], [RING_ROW, 1]]);
  for (const user of ["u1", "u2", "u3"])
    cells.set(`leo_s3_users|${user}`, 1).set(`leo_s3_credentials|key-of-${user}`, 1);
  for (const name of [...cells.keys()])
    if (testUserGone && /_test_leofs|05236/.test(name)) cells.delete(name);
  for (const name of FRESH_ROWS.cells.keys()) world.acknowledged.set(name, 0);
  for (const [name, version] of cells) world.acknowledged.set(name, version);
  const schema = { id: -1, nodes: [LOST, survivor.manager.node] };
  const log = { writer: survivor.manager.node, run: 0, down: [LOST] };
  survivor.manager.directory = mnesiaFiles(schema, rowsOf(cells), log);
  survivor.manager.start();
  world.storage.follows =
    goodRole === "master" ? [survivor.manager.node, LOST] : [LOST, survivor.manager.node];
  world.pass(5_000);
  const targets = [targetOf(survivor), targetOf(replacement)] as const;
  return { world, declared: takeover(COMMON, LOST, ...targets), targets: [...targets] };
}

function byHand(world: World, { what, which }: HandStep): void {
  const { manager } = world.machines[which]!;
  world.trace?.(`by hand: ${what} ${manager.node}`);
  if (what === "start") manager.start();
  if (what === "stop") manager.stop();
  if (what === "failStart") manager.failingStarts = 1;
  if (what === "storage") world.storage.up = !world.storage.up;
  if (what === "write") world.write({ at: 0, what: "add", which });
  world.pass(which === 0 ? 500 : 10_000);
}

/** Does what a message of the product asks for. */
function obey(world: World, error: string | undefined): void {
  if (error === undefined) return;
  for (const { manager } of world.machines) {
    if (error.includes(`the survivor ${manager.node} is down`)) manager.start();
    if (error.includes(`${manager.node} runs, but with another partner`)) manager.stop();
    if (error.includes(`${manager.node} was started with the partner`)) {
      manager.stop();
      manager.start();
    }
  }
  world.pass(10_000);
}

/** What must be when an `up` said that all is well. */
function seeProven(world: World, verdict: string): void {
  const databases = world.machines.map(({ manager }) => manager.serves);
  const [one, other] = databases;
  if (!one || one !== other) throw new Violation(`${verdict}, but the managers are not one pair`);
  const nodes = world.machines.map(({ manager }) => manager.node);
  if (nodes.some((node) => !one.schema.nodes.includes(node)))
    throw new Violation(`${verdict}, but the tables are on the discs of ${one.schema.nodes.join(", ")}`);
  for (const [name, version] of world.acknowledged)
    if ((one.rows.cells.get(name) ?? 0) !== version)
      throw new Violation(
        `${verdict}, but ${name} has version ${one.rows.cells.get(name) ?? 0} and not ${version}, as was acknowledged`,
      );
  if (world.loads > 1) throw new Violation(`loaded ${world.loads} times`);
  for (const [node, times] of world.cleared)
    if (times > 1) throw new Violation(`${node} was cleared ${times} times`);
  for (const { host, path, tree } of world.published)
    if (host.trees.get(path) !== tree) throw new Violation(`${path} is not what was published`);
  const { up: runs, follows } = world.storage;
  const pair = world.machines.map(({ manager }) => manager).sort((a) => (a.role === "master" ? -1 : 1));
  if (runs && verdict === "recovered" && follows.join() !== pair.map(({ node }) => node).join())
    throw new Violation(`${verdict}, but the storage node follows ${follows.join()}`);
  if (!runs && verdict === "recovered") throw new Violation(`${verdict}, but a node could not be told`);
}

/** Once it is done, one more `up` finds nothing to do and touches no process. */
async function seeQuiet(world: World, declared: readonly Declared[], state: State): Promise<void> {
  const debt = !world.storage.up;
  world.begin(undefined, []);
  const pids = world.machines.map(({ manager }) => manager.machine?.pid).join();
  const { error, done } = await up(declared, state, false, () => false);
  if (error !== undefined) throw new Violation(`an up after the recovery failed: ${error}`);
  if (done.length > 0 && !debt) throw new Violation(`an up after the recovery changed ${done.join(", ")}`);
  if (pids !== world.machines.map(({ manager }) => manager.machine?.pid).join())
    throw new Violation("an up after the recovery touched a process");
}
