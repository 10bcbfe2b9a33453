import type { FenceTarget, ManagerTarget } from "../../providers/targets/arguments";
import { inPlace } from "../../recovery/inPlace";
import { move } from "../../recovery/move";
import type { Recipe } from "../../recovery/recipe";
import { takeover } from "../../recovery/takeover";
import { damaged, mnesiaFiles } from "./files";
import type { Changed, History, Scenario } from "./history";
import { FRESH_ROWS, RING_ROW, type Rows, rowsOf, STATISTICS_ROW, STORAGE_ROW } from "./rows";
import { type SimulatedMachine, World } from "./world";

/** A cluster in trouble, and the recovery that an operator declares for it. */
export interface Scene {
  world: World;
  recipe: Recipe;
  /** What is declared once the settings say something else. */
  recipeWith(changed: Changed | undefined): Recipe;
  /** The manager that moves. */
  moves?: FenceTarget;
}

const COMMON = { cluster: "production", incident: "one" };
/** The manager that is gone, or moves. */
export const LOST = "manager_9@10.0.0.19";

const known = new Map<string, ManagerTarget>();
/** The same object for the same manager in every history. */
function targetOf({ manager: { node }, home, address }: SimulatedMachine): ManagerTarget {
  const target = known.get(node + home) ?? {
    node,
    home,
    backupDirectory: "/backups",
    connection: { host: address, user: "leofs", password: "biscuit" },
  };
  known.set(node + home, target);
  return target;
}

/** How it all begins. The first machine of the world has the data. */
export function sceneOf(history: History): Scene {
  const world = new World(history.scenario.method === "online");
  const rows = rowsOfUsers(world, history.testUserGone);
  const scene = situationOf(world, rows, history);
  const [one, other] = world.machines;
  if (history.shared) other!.disc = one!.disc;
  return scene;
}

function situationOf(world: World, rows: Rows, history: History): Scene {
  const { scenario } = history;
  if (scenario.kind === "takeover") return lostManager(world, rows, history);
  if (scenario.kind === "move") return movingManager(world, rows, history);
  return damagedFiles(world, rows, history, scenario);
}

/** The rows of a cluster that was used. */
function rowsOfUsers(world: World, testUserGone: boolean): Rows {
  const cells = new Map([...FRESH_ROWS.cells, [STORAGE_ROW, 1], [RING_ROW, 1], [STATISTICS_ROW, 1]]);
  for (const user of ["u1", "u2", "u3"])
    cells.set(`leo_s3_users|${user}`, 1).set(`leo_s3_credentials|key-of-${user}`, 1);
  for (const name of [...cells.keys()])
    if (testUserGone && /_test_leofs|05236/.test(name)) cells.delete(name);
  for (const name of FRESH_ROWS.cells.keys()) world.rules.acknowledged.set(name, 0);
  for (const [name, version] of cells) world.rules.acknowledged.set(name, version);
  world.rules.removedForGood = [...FRESH_ROWS.cells.keys()].filter((name) => !cells.has(name));
  return rowsOf(cells);
}

const otherRole = (role: "master" | "slave") => (role === "master" ? "slave" : "master");

function lostManager(world: World, rows: Rows, { goodRole, scenario }: History): Scene {
  const survivor = world.add("manager_1@10.0.0.11", goodRole, LOST);
  const replacement = world.add("manager_2@10.0.0.12", otherRole(goodRole), "manager_0@127.0.0.1");
  const { manager } = survivor;
  const schema = { id: -1, nodes: [LOST, manager.node] };
  manager.directory = mnesiaFiles(schema, rows, { writer: manager.node, run: 0, down: [LOST] });
  manager.start();
  world.storage.follows = goodRole === "master" ? [manager.node, LOST] : [LOST, manager.node];
  world.pass(5_000);
  if (scenario.method === "offline") {
    const lost = world.add(LOST, otherRole(goodRole), manager.node);
    lost.manager.directory = mnesiaFiles(schema, rows, { writer: LOST, run: 0, down: [] });
  }
  const [from, to] = [targetOf(survivor), targetOf(replacement)];
  const recipeWith = ({ method = scenario.method, onFailure }: Changed = {}) =>
    takeover({
      ...COMMON,
      method,
      onFailure: onFailure ?? "stop",
      lost: LOST,
      survivor: from,
      replacement: to,
    });
  return { world, recipe: recipeWith(), recipeWith };
}

function movingManager(world: World, rows: Rows, { goodRole }: History): Scene {
  const stays = world.add("manager_1@10.0.0.11", goodRole, LOST);
  const made = world.add("manager_2@10.0.0.12", otherRole(goodRole), "manager_0@127.0.0.1");
  const moving = world.add(LOST, otherRole(goodRole), stays.manager.node);
  const nodes = [LOST, stays.manager.node];
  for (const { manager } of [stays, moving]) {
    manager.directory = mnesiaFiles({ id: -1, nodes }, rows, { writer: manager.node, run: 0, down: [] });
    manager.start();
  }
  world.storage.follows = goodRole === "master" ? [...nodes].reverse() : nodes;
  world.pass(5_000);
  const from = targetOf(moving);
  const recipeWith = ({ onFailure }: Changed = {}) =>
    move({
      ...COMMON,
      onFailure: onFailure ?? "stop",
      from,
      stays: targetOf(stays),
      to: targetOf(made),
    });
  return { world, recipe: recipeWith(), recipeWith, moves: from };
}

function damagedFiles(
  world: World,
  rows: Rows,
  { goodRole }: History,
  { damage, donorRuns, named, donorFirst, method }: Scenario & { kind: "inPlace" },
): Scene {
  const nodes = ["manager_1@10.0.0.11", "manager_2@10.0.0.12"] as const;
  const donor = world.add(nodes[0], goodRole, nodes[1]);
  const bad = world.add(nodes[1], otherRole(goodRole), nodes[0]);
  const schema = { id: -1, nodes };
  for (const { manager } of world.machines) {
    manager.directory = mnesiaFiles(schema, rows, { writer: manager.node, run: 0, down: [] });
    manager.start();
  }
  world.storage.follows = goodRole === "master" ? [...nodes] : [nodes[1], nodes[0]];
  world.pass(5_000);
  bad.manager.stop();
  // What the one that is left was told meanwhile is in its files only.
  world.write({ at: 0, what: "add", which: 0 });
  bad.manager.directory = damaged(bad.manager.directory!, damage);
  if (!donorRuns) donor.manager.stop();
  const [good, other] = [targetOf(donor), targetOf(bad)];
  const targets: [ManagerTarget, ManagerTarget] = donorFirst ? [good, other] : [other, good];
  const donorIs = named ? (donorFirst ? 0 : 1) : "auto";
  const recipeWith = (changed: Changed = {}) =>
    inPlace({
      ...COMMON,
      method: changed.method ?? method,
      onFailure: changed.onFailure ?? "stop",
      managers: targets,
      donor: changed.donor ?? donorIs,
    });
  return { world, recipe: recipeWith(), recipeWith };
}
