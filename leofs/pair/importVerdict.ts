import { type Comparison, type Dump, describeDifferences, rowsOf } from "../mnesia/dump";
import { USERS_TABLES } from "../mnesia/tables";
import type { PairComparison } from "./compare";
import { GO_BACK, type Pair } from "./pair";
import { usersWrites } from "./usersWrites";

/**
 * Judges a pair by how it compares with the dump.
 *
 * @param earlier an earlier run loaded it
 * @param dump the file, and on which host
 * @returns what came since the load, for evidence
 * @throws with the differences when the pair does not hold what the dump holds
 */
export function requireHeld(
  pair: Pair,
  comparison: PairComparison,
  earlier: boolean,
  dump: string,
): string[] {
  const [master, slave] = [judged(comparison.master, earlier), judged(comparison.slave, earlier)];
  if (master.wrong.differences.length + slave.wrong.differences.length > 0)
    throw new Error(differencesText(pair, [master.wrong, slave.wrong], dump));
  return master.since;
}

/**
 * What of a comparison is wrong, and what came since. After a load of this run a row of users may look older (a manager
 * with a slow clock wrote it); one that an earlier run began may have been made by hand from an older dump, so there
 * older rows are wrong, and what LeoFS wrote in other tables meanwhile is its own.
 */
export function judged(comparison: Comparison, earlier: boolean): { wrong: Comparison; since: string[] } {
  const { rest, text } = usersWrites(comparison, { older: earlier ? "old" : "slow clock" });
  const since = text ? [text] : [];
  if (!earlier) return { wrong: rest, since };
  const others = rest.differences.filter(({ table }) => !USERS_TABLES.includes(table));
  const wrong = { ...rest, differences: rest.differences.filter((one) => !others.includes(one)) };
  const changes = describeDifferences({ ...rest, differences: others });
  return { wrong, since: [...since, ...changes.map((line) => `since the load: ${line}`)] };
}

/** Whether every row of the dump is there on both; more rows than that are looked at afterwards. */
export const holds = ({ master, slave }: PairComparison): boolean =>
  [master, slave].every((one) =>
    one.differences.every(
      ({ whole, missing, changed, unnamed }) =>
        !whole && missing.length + changed.length + (unnamed?.missing ?? 0) + (unnamed?.changed ?? 0) === 0,
    ),
  );

function differencesText(pair: Pair, [master, slave]: [Comparison, Comparison], dump: string): string {
  const lines = [
    ...describeDifferences(master).map((line) => `  - ${pair.master.spec.node}: ${line}`),
    ...describeDifferences(slave).map((line) => `  - ${pair.slave.spec.node}: ${line}`),
  ];
  return (
    `the pair does not hold what the dump holds:\n${lines.join("\n")}\n` +
    `The dump is untouched: ${dump}. ` +
    `Rows that are not expected were written meanwhile; see whether they may stay or have to go, then run pulumi up again. ${GO_BACK}`
  );
}

/** What was proven. */
export function evidenceOf(
  pair: Pair,
  expected: Dump,
  removed: string[],
  comparison: PairComparison,
): string[] {
  const nodes = `${pair.master.spec.node} and ${pair.slave.spec.node}`;
  const lines = [
    `${nodes} hold every row of the dump: ${expected.tables.size} tables, ${rowsOf(expected)} rows, compared one by one on each`,
    `every table is on disc on both: no table in memory only`,
  ];
  if (removed.length > 0) lines.push(`removed, because the dump did not have them: ${removed.join(", ")}`);
  for (const exclusion of comparison.master.exclusions) lines.push(`not compared: ${exclusion}`);
  return lines;
}

/** Tables that stay in the dump. */
export const leftOutText = (dump: Dump, left: readonly string[], file: string): string[] =>
  left.map(
    (name) =>
      `not loaded: ${name}, which the new pair's LeoFS does not have; its ${dump.tables.get(name)!.rows} rows are in the backup: ${file}`,
  );
