import { type Look, type Report, WaitedTooLong, waitFor } from "../../remote/wait";
import type { ManagerEvidence } from "../manager/evidence";
import type { Manager } from "../manager/manager";
import { askIfThere, lacking, lackingForUsers } from "../manager/ready";

/** Two managers by role. The master is started first. */
export interface Pair {
  master: Manager;
  slave: Manager;
}

/** Two managers as a pair, in any order. */
export const pairByRole = (one: Manager, other: Manager): Pair =>
  one.settings.role === "master" ? { master: one, slave: other } : { master: other, slave: one };

/** What both managers of a pair showed at the same moment. */
export interface PairEvidence {
  master: ManagerEvidence;
  slave: ManagerEvidence;
}

/**
 * How long a pair may take to hold every table. A small one is formed in 4 to 6 s, the last tables follow some 4 s later. LeoFS gives
 * a manager 180 s to load its tables, and stops it then.
 */
export const PAIR_LIMIT_SECONDS = 200;

/** How often a manager that gave up is started again. Slave before master never forms a pair (6 of 6). */
const RESTARTS = 4;

/** A manager that stops itself at every start. */
export class StoppedItself extends Error {
  override name = "StoppedItself";
}

/** How much a pair is waited for, and how long. */
export interface PairPatience {
  /** `users`: every table but the late ones, which hold no row of users. Default `all`. */
  tables?: "all" | "users";
  /** Asked of a manager that stopped itself: true when no further start can help. Default: one can. */
  hopeless?: (manager: Manager) => Promise<boolean>;
  /** Default 200. */
  limitSeconds?: number;
  /** How often managers that stopped themselves are started again, in all. Default 4. */
  restarts?: number;
}

/** Appended to errors: the way back, and what there is instead where a rollback is refused. */
export const GO_BACK =
  "Or go back: with rollback: true pulumi up puts both managers back as they were, and under a new incident the recovery can begin again. (Once it was proven, or users wrote to the new pair, there is no way back: recover under a new incident.)";

/** What to do about a pair that does not form. */
const notFormed = ({ master, slave }: Pair): string =>
  [
    ...[master, slave].map(
      ({ spec, host }) =>
        `The reason is in ${spec.home}/log/app/error, or log/erlang.log.* there, on ${host.label}.`,
    ),
    `Mend it, then run pulumi up again. ${GO_BACK}`,
  ].join(" ");

/**
 * Waits until both managers hold every table, loaded and on the discs of both. That `status` answers is not
 * enough: `sv_schemas`, `sv_columns` and `sv_metric_grp` follow some 4 s later, and a load in between leaves
 * them in memory. With `tables: "users"` the load is one of the other tables.
 *
 * A manager that stopped itself (a slave that saw no tables, `Tables not exist`) is started again, a few times in all.
 *
 * @throws StoppedItself when a manager does so at every start; WaitedTooLong with what each manager lacked last.
 */
export async function waitForPair(
  pair: Pair,
  report: Report,
  {
    tables = "all",
    hopeless = async () => false,
    limitSeconds = PAIR_LIMIT_SECONDS,
    restarts: most = RESTARTS,
  }: PairPatience = {},
): Promise<PairEvidence> {
  const nodes = [pair.master.spec.node, pair.slave.spec.node];
  const lacks = tables === "all" ? lacking : lackingForUsers;
  const every = tables === "all" ? "every table" : "the tables of users";
  let restarts = 0;
  const revive = async (manager: Manager): Promise<boolean> => {
    if ((await manager.runs()) || (await manager.starts())) return false;
    if (restarts === most || (await hopeless(manager)))
      throw new StoppedItself(
        `${manager.host.label}: ${manager.spec.node} stopped itself again after ${restarts} further starts. ${notFormed(pair)}`,
      );
    restarts += 1;
    const partner = nodes.find((node) => node !== manager.spec.node)!;
    report(`${manager.spec.node} is down: starting it again (${restarts} of ${most})`);
    await manager.start(partner);
    return true;
  };
  const look = async (): Promise<Look<PairEvidence>> => {
    const [master, slave] = await Promise.all([askIfThere(pair.master), askIfThere(pair.slave)]);
    const missing = [lacks(master, nodes), lacks(slave, nodes)];
    if (master && slave && !missing[0] && !missing[1]) return { done: { master, slave } };
    if (!master) await revive(pair.master);
    else if (!slave) await revive(pair.slave);
    const words = missing.map((lack, index) =>
      lack ? `${nodes[index]} ${lack}` : `${nodes[index]} is ready`,
    );
    return { waiting: words.join("; ") };
  };
  try {
    return await waitFor(
      pair.master.host.clock,
      `both managers to hold ${every} on disc`,
      limitSeconds,
      look,
      report,
    );
  } catch (error) {
    if (error instanceof WaitedTooLong) error.message += `. ${notFormed(pair)}`;
    throw error;
  }
}
