import { Violation } from "./circumstances";
import type { Schema } from "./files";
import type { World } from "./world";

/** What must be when an `up` said that all is well. */
export function seeProven(world: World, verdict: string): void {
  const databases = world.pair.map(({ manager }) => manager.serves);
  const [one, other] = databases;
  if (!one || one !== other) throw new Violation(`${verdict}, but the managers are not one pair`);
  const nodes = world.pair.map(({ manager }) => manager.node);
  if (nodes.some((node) => !one.schema.nodes.includes(node)))
    throw new Violation(`${verdict}, but the tables are on the discs of ${one.schema.nodes.join(", ")}`);
  if (world.online) seeReplica(world, one.schema, verdict);
  for (const [name, version] of world.rules.acknowledged)
    if ((one.rows.cells.get(name) ?? 0) !== version)
      throw new Violation(
        `${verdict}, but ${name} has version ${one.rows.cells.get(name) ?? 0} and not ${version}, as was acknowledged`,
      );
  if (world.rules.loads > 1) throw new Violation(`loaded ${world.rules.loads} times`);
  for (const [node, times] of world.rules.cleared)
    if (times > 1) throw new Violation(`${node} was cleared ${times} times`);
  for (const [node, times] of world.rules.given)
    if (times > 1) throw new Violation(`${node} was given files ${times} times`);
  for (const { host, path, tree } of world.rules.published)
    if (host.trees.get(path) !== tree) throw new Violation(`${path} is not what was published`);
  const { up: runs, follows } = world.storage;
  const pair = world.pair.map(({ manager }) => manager).sort((a) => (a.role === "master" ? -1 : 1));
  if (runs && verdict === "recovered" && follows.join() !== pair.map(({ node }) => node).join())
    throw new Violation(`${verdict}, but the storage node follows ${follows.join()}`);
  if (!runs && verdict === "recovered") throw new Violation(`${verdict}, but a node could not be told`);
}

/** After an online recovery: every table on the discs of just these two, which count each other as partners, now and after a start. */
function seeReplica(world: World, { nodes, filling }: Schema, verdict: string): void {
  if (nodes.length > world.pair.length && verdict === "recovered")
    throw new Violation(`${verdict}, but the tables are also of others: ${nodes.join(", ")}`);
  if (filling)
    throw new Violation(`${verdict}, but ${filling.node} has on its disc only ${filling.tables.join(", ")}`);
  for (const { manager } of world.pair) {
    const partner = world.pair.find((one) => one.manager !== manager)!.manager.node;
    if (manager.vm!.partner !== partner || manager.partnerOf() !== partner)
      throw new Violation(
        `${verdict}, but the partner of ${manager.node} is ${manager.vm!.partner}, ${manager.partnerOf()} in its conf`,
      );
  }
}
