import { Violation, type World } from "./world";

/** What must be when an `up` said that all is well. */
export function seeProven(world: World, verdict: string): void {
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
  for (const [node, times] of world.given)
    if (times > 1) throw new Violation(`${node} was given files ${times} times`);
  for (const { host, path, tree } of world.published)
    if (host.trees.get(path) !== tree) throw new Violation(`${path} is not what was published`);
  const { up: runs, follows } = world.storage;
  const pair = world.machines.map(({ manager }) => manager).sort((a) => (a.role === "master" ? -1 : 1));
  if (runs && verdict === "recovered" && follows.join() !== pair.map(({ node }) => node).join())
    throw new Violation(`${verdict}, but the storage node follows ${follows.join()}`);
  if (!runs && verdict === "recovered") throw new Violation(`${verdict}, but a node could not be told`);
}
