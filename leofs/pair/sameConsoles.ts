import type { ManagerEvidence } from "../manager/evidence";
import type { Manager } from "../manager/manager";
import { wantedOf } from "./followers";
import { lasting } from "./lasting";
import { GO_BACK, type Pair } from "./pair";

/** A console looks up each row of a list by itself: longer ones are compared as tables only, not as answers. */
const LISTED = 5_000;

/** Proves that both consoles list the same. */
export async function compareConsoles(pair: Pair, { tables }: ManagerEvidence): Promise<string> {
  const long = (table: string) => (tables.get(table)?.rows ?? 0) > LISTED;
  const left = { users: long("leo_s3_users"), buckets: long("leo_s3_buckets") };
  const look = async () => {
    const [one, other] = await Promise.all([answers(pair.master, left), answers(pair.slave, left)]);
    const all = [...new Set([...one.rows, ...other.rows])];
    return { counts: one.counts, differing: all.filter((row) => !one.rows.has(row) || !other.rows.has(row)) };
  };
  const { counts, differing } = await lasting(
    pair.master.host.clock,
    look,
    (seen) => seen.differing.length > 0,
    (earlier, now) => ({ ...now, differing: now.differing.filter((row) => earlier.differing.includes(row)) }),
  );
  const [row] = differing;
  if (row)
    throw new Error(
      `the consoles of ${wantedOf(pair).join(" and ")} answer differently to ${row.slice(0, row.indexOf(" "))}: ask both, and see which is right before anything else; then run pulumi up again. ${GO_BACK}`,
    );
  return `both consoles answer the same: ${counts}`;
}

/**
 * What a console lists, each row as text behind the command that lists it.
 *
 * @param left what is not asked for
 */
async function answers(
  { console }: Manager,
  left: { users: boolean; buckets: boolean },
): Promise<{ rows: Set<string>; counts: string }> {
  const users = left.users ? undefined : await console.users();
  const buckets = left.buckets ? undefined : await console.buckets();
  const endpoints = await console.endpoints();
  const rows = Object.entries({
    "get-users": users ?? [],
    "get-buckets": buckets ?? [],
    "get-endpoints": endpoints,
  }).flatMap(([command, listed]) => listed.map((row) => `${command} ${JSON.stringify(row)}`));
  const count = (rows: readonly unknown[] | undefined, what: string) =>
    rows ? `${rows.length} ${what}` : `${what} not listed, since they are more than ${LISTED}`;
  const counts = [count(users, "users"), count(buckets, "buckets"), count(endpoints, "endpoints")].join(", ");
  return { rows: new Set(rows), counts };
}
