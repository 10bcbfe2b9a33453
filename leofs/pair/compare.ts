import { NEW_FILE } from "../../remote/files";
import { expressions } from "../erlang/expressions";
import { atom, atomName, binary, formatTerm, list, textOf, tuple } from "../erlang/terms";
import type { ReadHow } from "../manager/dumpOnHost";
import type { Manager } from "../manager/manager";
import {
  type ChangedRow,
  type Comparison,
  compareDumps,
  type Dump,
  differs,
  isFreshRow,
  type RowReference,
  revivedRows,
  rowsBeyondFresh,
  rowsOf,
} from "../mnesia/dump";
import { factsOf, RING_TABLES, USERS_TABLES } from "../mnesia/tables";
import { removeOwnFile } from "./load";
import type { Pair } from "./pair";

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

const REMOVE_ROWS = expressions("leofs/pair/questions/remove-rows.erl");

/**
 * Removes rows that LeoFS's fresh tables brought back and the dump does not have: above all the credential of
 * `_test_leofs`, whose secret key is public. One transaction, replicated to both managers.
 */
export async function removeRows(manager: Manager, rows: readonly RowReference[]): Promise<void> {
  const keys = rows.map(({ table, key }) => tuple(atom(table), binary(textOf(key) ?? "")));
  const answer = await manager.ask(REMOVE_ROWS, { Rows: list(keys) }, { seconds: 30, once: true });
  const verdict = answer.kind === "tuple" ? atomName(answer.items[0]) : undefined;
  if (verdict !== "atomic")
    throw new Error(
      `${manager.spec.node} did not remove ${rows.map((row) => row.label).join(", ")}, which LeoFS writes into fresh tables and the dump does not have: ${formatTerm(answer)}. Run pulumi up again: it tries once more.`,
    );
}

/**
 * Whether a comparison differs in what LeoFS writes by itself. Some of it comes in two goes (the step of a statistic's
 * definition right after a load), so such a difference is one only when it stays.
 */
export const differsInLeofsOwn = ({ differences }: Pick<Comparison, "differences">): boolean =>
  differences.some(({ table }) => !USERS_TABLES.includes(table));

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

/** What of a comparison users did themselves, and what is left to be explained. */
export interface UsersWrites {
  rest: Comparison;
  /** Their rows by name, for evidence; empty when there are none. */
  text: string;
}

/**
 * Tells apart what users added, changed and removed since the managers are back and the recovery was not over: it is
 * nobody's mistake and must not be lost. A row that LeoFS never removes, or one that is older than in the backup,
 * stays a difference, and so does everything in other tables, but for nodes that entered themselves.
 *
 * @param added where rows that the backup does not have may be; default in the tables of users and nodes only
 * @param older a row that is older than in the backup is one that a user wrote through a manager whose clock is slow:
 * there was nothing older to begin with. Default: it is an old row
 */
export function usersWrites(
  comparison: Comparison,
  { added = "theirs", older = "old" }: { added?: "theirs" | "anywhere"; older?: "old" | "slow clock" } = {},
): UsersWrites {
  const extra = new Named("rows written since the managers are back");
  const changed = new Named("rows of the backup changed since by users");
  const removed = new Named("rows of the backup removed since by users");
  const differences = comparison.differences
    .map((one) => {
      const kind = factsOf(one.table).written;
      const isOld = (row: ChangedRow) => row.older && older === "old";
      const left = { ...one };
      const more = one.unnamed && { ...one.unnamed };
      if (kind || added === "anywhere") {
        extra.add(one.extra, more?.extra);
        left.extra = [];
        if (more) more.extra = 0;
      }
      if (kind && kind !== "adds") {
        const old = more && older === "old" ? more.older : 0;
        changed.add(
          one.changed.filter((row) => !isOld(row)).map(({ label }) => label),
          more && more.changed - old,
        );
        left.changed = one.changed.filter(isOld);
        if (more) more.changed = old;
      }
      if (kind === "removes") {
        removed.add(one.missing, more?.missing);
        left.missing = [];
        if (more) more.missing = 0;
      }
      if (!more) return left;
      const { unnamed, ...named } = left;
      return Object.values(more).some((count) => count > 0) ? { ...named, unnamed: more } : named;
    })
    .filter(differs);
  const text = [extra, changed, removed].map(String);
  return {
    rest: { ...comparison, differences, equal: differences.length === 0 },
    text: text.filter((line) => line !== "").join("; "),
  };
}

/** Rows of one kind, counted; four are named. */
class Named {
  private count = 0;
  private readonly rows: string[] = [];

  constructor(private readonly what: string) {}

  add(rows: readonly string[], more = 0): void {
    this.count += rows.length + more;
    this.rows.push(...rows.slice(0, 4 - this.rows.length));
  }

  toString(): string {
    const { count, what, rows } = this;
    return count === 0 ? "" : `${count} ${what}: ${rows.join(", ")}${count > rows.length ? ", ..." : ""}`;
  }
}

/**
 * Whether the rows of a dump came into managers by a load of it, which is one transaction: the users and buckets
 * that it has are there, since LeoFS never removes them (where it has none: its ring), whatever else has become of it.
 * `false` as well for a dump without any of these: a pair can have all its rows without a load.
 */
export function hasArrived(dump: Dump, seen: readonly Comparison[]): boolean {
  const tells = (table: string) => rowsBeyondFresh(dump, table) > 0;
  const users = ["leo_s3_users", "leo_s3_buckets"].filter(tells);
  const tables = users.length > 0 ? users : RING_TABLES.filter(tells);
  const lacks = ({ differences }: Comparison) =>
    differences.some(
      ({ table, whole, missing, unnamed }) =>
        tables.includes(table) &&
        (whole !== undefined ||
          (unnamed?.missing ?? 0) > 0 ||
          missing.some((label) => !isFreshRow(table, label))),
    );
  return tables.length > 0 && !seen.some(lacks);
}
