import { NEW_FILE } from "../../remote/files";
import type { ReadHow } from "../manager/dumpOnHost";
import type { Manager } from "../manager/manager";
import {
  type Comparison,
  compareDumps,
  type Dump,
  type RowReference,
  revivedRows,
  rowsOf,
} from "../mnesia/dump";
import { removeOwnFile } from "./load";
import type { Pair } from "./pair";
import { differsInLeofsOwn } from "./usersWrites";

/**
 * Dumps what a manager holds now, to be looked at only: the dump is removed again.
 *
 * @param rows how many there should be: more may take longer
 */
export const withDump = <T>(manager: Manager, look: (dump: Dump) => Promise<T>, rows?: number): Promise<T> =>
  withDumps([manager], ([dump]) => look(dump!), rows);

/** The same of several at once. */
async function withDumps<T>(
  managers: readonly Manager[],
  look: (dumps: Dump[]) => Promise<T>,
  rows?: number,
): Promise<T> {
  const fileOf = ({ place, spec }: Manager) => `${place.directory}/.proof-${spec.node}.txt`;
  const taking = managers.map(async (manager) => {
    await manager.host.run(NEW_FILE, { path: fileOf(manager) }, { as: manager.as });
    await manager.writeRows(fileOf(manager), rows);
    return readDump(manager, fileOf(manager), { rows });
  });
  try {
    // None is left while it is written.
    await Promise.allSettled(taking);
    return await look(await Promise.all(taking));
  } finally {
    await Promise.all(managers.map((manager) => removeOwnFile(manager.host, fileOf(manager), manager.as)));
  }
}

/** Reads a dump that was written to its end. */
export async function readDump(manager: Manager, file: string, how?: ReadHow): Promise<Dump> {
  const read = await manager.readDump(file, how);
  if ("dump" in read) return read.dump;
  throw new Error(`${manager.host.label}: ${file} could not be read: ${read.unread}`);
}

/** How each manager of a pair compares with what it should hold. */
export interface PairComparison {
  master: Comparison;
  slave: Comparison;
  /** Rows of LeoFS's fresh tables that the dump does not have. */
  revived: RowReference[];
  equal: boolean;
}

/** Compares every row of both managers with a dump. What LeoFS itself changes is excluded by name. */
export async function comparePair(pair: Pair, expected: Dump): Promise<PairComparison> {
  const compared = (manager: Manager) =>
    withDump(
      manager,
      async (dump) => ({
        comparison: await compareDumps(expected, dump),
        revived: revivedRows(expected, dump),
      }),
      rowsOf(expected),
    );
  const [one, two] = await Promise.all([compared(pair.master), compared(pair.slave)]);
  const [master, slave] = [one.comparison, two.comparison];
  return { master, slave, revived: one.revived, equal: master.equal && slave.equal };
}

/** Compares the two managers of a pair with each other. */
export const compareWithin = (pair: Pair): Promise<Comparison> =>
  withDumps([pair.master, pair.slave], ([one, two]) => compareDumps(one!, two!));

/** Seconds within which what LeoFS writes by itself comes to rest. */
export const OWN_ROWS_SECONDS = 20;

/** Compares as {@link comparePair}, again and again while something of LeoFS's own differs, for at most 20 s. */
export async function compareAtRest(pair: Pair, expected: Dump): Promise<PairComparison> {
  const { clock } = pair.master.host;
  const started = clock.now();
  for (;;) {
    const seen = await comparePair(pair, expected);
    const moving = [seen.master, seen.slave].some(differsInLeofsOwn);
    if (!moving || clock.now() - started > OWN_ROWS_SECONDS * 1000) return seen;
    await clock.pause(500);
  }
}
