import { Violation } from "./circumstances";
import { rollBack } from "./engine";
import { sameTree } from "./files";
import { obey } from "./hands";
import type { History } from "./history";
import { LOST, type Scene } from "./scene";
import { type Broken, surroundingsOf } from "./surroundings";
import type { World } from "./world";

/** Rollbacks after which it must be over: the first may be interrupted. */
const TRIES = 8;

/** What a rollback has to bring back. */
export interface Before {
  confs: readonly string[];
  /** The partner of the manager that serves, as it was told at its start. */
  partner: string | undefined;
  /** What the other one has in its directory. */
  files: Scene["world"]["machines"][number]["manager"]["directory"];
}

/** How it is before a recovery begins. */
export const beforeIt = ({ machines }: World): Before => ({
  confs: machines.map(({ conf }) => conf),
  partner: machines[0]!.manager.vm?.partner,
  files: machines[1]!.manager.directory,
});

/**
 * Rolls a recovery back and sees that all is as before.
 *
 * @returns whether it was; false: it was refused, because nothing was begun, users wrote since, or all is proven
 */
export async function rollsBack(
  { world, recipe, moves }: Scene,
  { rollback, ups }: History,
  before: Before,
  broken: () => Broken,
): Promise<boolean> {
  const said: string[] = [];
  for (let n = 0; n < TRIES; n += 1) {
    world.begin(n === 0 ? rollback : {});
    const error = await rollBack(recipe, moves, surroundingsOf(world, broken()));
    world.end();
    world.trace?.(`rollback: ${error ?? "done"}`);
    if (world.rules.violation) throw world.rules.violation;
    if (error !== undefined && /has a journal of this incident|was proven at|was put to use/.test(error))
      return false;
    if (error === undefined) {
      seeRolledBack({ world }, { ups }, before);
      return true;
    }
    said.push(error);
    obey(world, error);
  }
  throw new Violation(`not rolled back in ${TRIES} runs:\n${said.join("\n")}`);
}

/** Sees that all is as before. */
export function seeRolledBack(
  { world }: Pick<Scene, "world">,
  { ups }: Pick<History, "ups">,
  before: Before,
): void {
  const untouched = ups.every(({ byHand, changed }) => byHand.length === 0 && !changed?.method);
  if (world.online) seeBack(world, before, untouched);
  else seeRows(world);
}

/** @param untouched nobody did anything by hand */
function seeBack({ machines }: World, { confs, partner, files }: Before, untouched: boolean): void {
  const [good, other, moving] = machines.map(({ manager }) => manager);
  machines.forEach(({ conf, manager: { node } }, index) => {
    if (conf !== confs[index]) throw new Violation(`rolled back, but the conf of ${node} is another one`);
  });
  const { serves, node, vm } = good!;
  if (!untouched) return;
  if (!serves) throw new Violation(`rolled back, but ${node} does not serve`);
  if (serves.guest || other!.vm) throw new Violation(`rolled back, but ${other!.node} runs`);
  if (moving && (!serves.members.includes(moving) || !serves.schema.nodes.includes(moving.node)))
    throw new Violation(`rolled back, but ${moving.node} is not of the pair`);
  // In place the tables were on both discs before, too.
  const taken = partner !== LOST || !serves.schema.nodes.includes(other!.node);
  if (!taken || serves.schema.filling)
    throw new Violation(`rolled back, but ${node} counts ${other!.node} among its replicas`);
  if (partner !== undefined && vm!.partner !== partner)
    throw new Violation(`rolled back, but ${node} counts ${vm!.partner} as its partner`);
  const now = other!.directory;
  if (files ? !now || !sameTree(files, now) : now && now.size > 0)
    throw new Violation(`rolled back, but the files of ${other!.node} are others`);
}

/** Every row that users were told is written is there: in the tables that are served, or in the files of who had them. */
function seeRows({ machines, rules }: World): void {
  const [serving] = machines.flatMap(({ manager: { serves } }) => serves ?? []);
  const files = [...(machines[0]!.manager.directory?.values() ?? [])];
  const rows = serving?.rows ?? files.find((file) => file.rows)?.rows;
  for (const [name, version] of rules.acknowledged)
    if ((rows?.cells.get(name) ?? 0) !== version)
      throw new Violation(`rolled back, but ${name} is not there in version ${version}, as was acknowledged`);
}
