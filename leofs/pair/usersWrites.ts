import {
  type ChangedRow,
  type Comparison,
  type Dump,
  differs,
  isFreshRow,
  rowsBeyondFresh,
} from "../mnesia/dump";
import { factsOf, RING_TABLES, USERS_TABLES } from "../mnesia/tables";

/**
 * Whether a comparison differs in what LeoFS writes by itself. Some of it comes in two goes (the step of a statistic's
 * definition right after a load), so such a difference is one only when it stays.
 */
export const differsInLeofsOwn = ({ differences }: Pick<Comparison, "differences">): boolean =>
  differences.some(({ table }) => !USERS_TABLES.includes(table));

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
