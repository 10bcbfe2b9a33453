import { type Comparison, type Dump, describeDifferences, rowsOf } from "../mnesia/dump";
import { USERS_TABLES } from "../mnesia/tables";
import { type PairComparison, usersWrites } from "./compare";
import { GO_BACK, type Pair } from "./pair";

/**
 * Judges a pair by how it compares with the dump.
 *
 * @param earlier an earlier run loaded it
 * @param file the dump, and where it lies
 * @returns what came since the load, for evidence
 * @throws with the differences when the pair does not hold what the dump holds
 */
export function requireHeld(
  pair: Pair,
  comparison: PairComparison,
  earlier: boolean,
  file: string,
): string[] {
  const [first, second] = [judged(comparison.first, earlier), judged(comparison.second, earlier)];
  if (first.wrong.differences.length + second.wrong.differences.length > 0)
    throw new Error(differencesText(pair, [first.wrong, second.wrong], file));
  return first.since;
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
export const holds = ({ first, second }: PairComparison): boolean =>
  [first, second].every((one) =>
    one.differences.every(
      ({ whole, missing, changed, unnamed }) =>
        !whole && missing.length + changed.length + (unnamed?.missing ?? 0) + (unnamed?.changed ?? 0) === 0,
    ),
  );

function differencesText(pair: Pair, [first, second]: [Comparison, Comparison], file: string): string {
  const lines = [
    ...describeDifferences(first).map((line) => `  - ${pair.first.spec.node}: ${line}`),
    ...describeDifferences(second).map((line) => `  - ${pair.second.spec.node}: ${line}`),
  ];
  return (
    `the pair does not hold what the dump holds:\n${lines.join("\n")}\n` +
    `The dump is untouched: ${file} on ${pair.first.host.label} or ${pair.second.host.label}. ` +
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
  const nodes = `${pair.first.spec.node} and ${pair.second.spec.node}`;
  const lines = [
    `${nodes} hold every row of the dump: ${expected.tables.size} tables, ${rowsOf(expected)} rows, compared one by one on each`,
    `every table is on disc on both: no table in memory only`,
  ];
  if (removed.length > 0) lines.push(`removed, because the dump did not have them: ${removed.join(", ")}`);
  for (const exclusion of comparison.first.exclusions) lines.push(`not compared: ${exclusion}`);
  return lines;
}

/** Tables that stay in the dump. */
export const leftOutText = (dump: Dump, left: readonly string[], file: string): string[] =>
  left.map(
    (name) =>
      `not loaded: ${name}, which the new pair's LeoFS does not have; its ${dump.tables.get(name)!.rows} rows are in the backup: ${file}`,
  );
