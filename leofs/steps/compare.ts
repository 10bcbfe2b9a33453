import { takeDump } from "../backup/dumpBackup";
import { callOf } from "../conf/settings";
import {
  type Comparison,
  compareDumps,
  type Dump,
  parseDump,
  type RowReference,
  revivedRows,
} from "../dump/dump";
import { evaluate } from "../erlang/erlCall";
import { atomName, atomText, binaryText, textOf } from "../erlang/terms";
import type { Site } from "../look/site";
import { removeOwnFile } from "./load";
import type { Pair } from "./pair";

/** What a manager of the pair holds now, dumped for comparing only and removed again. */
export async function dumpForComparing(site: Site): Promise<Dump> {
  const file = `${site.place.directory}/.proof-${site.manager.node}.txt`;
  const { host, as } = site;
  await host.run('umask 077; rm -f -- "$1"; : > "$1"', [file], { as });
  try {
    return await takeDump(site, file);
  } finally {
    await removeOwnFile(host, file, as);
  }
}

/** Reads a published dump. */
export async function readDump(site: Site, file: string): Promise<Dump> {
  const { host, as } = site;
  const { code, stdout, stderr } = await host.run('cat -- "$1"', [file], {
    as,
    encoding: "latin1",
    timeoutMs: 120_000,
  });
  if (code !== 0) throw new Error(`${host.label}: ${file} could not be read: ${stderr.trim()}`);
  return parseDump(Buffer.from(stdout, "latin1"));
}

/** How each manager of a pair compares with what it should hold. */
export interface PairComparison {
  first: Comparison;
  second: Comparison;
  /** Rows of LeoFS's fresh tables that the dump does not have. */
  revived: RowReference[];
  equal: boolean;
}

/** Compares every row of both managers with a dump. What LeoFS itself changes is excluded by name. */
export async function comparePair(pair: Pair, expected: Dump): Promise<PairComparison> {
  const [one, two] = await Promise.all([dumpForComparing(pair.first), dumpForComparing(pair.second)]);
  const first = compareDumps(expected, one);
  const second = compareDumps(expected, two);
  return { first, second, revived: revivedRows(expected, one), equal: first.equal && second.equal };
}

/** Compares the two managers of a pair with each other. */
export async function compareWithin(pair: Pair): Promise<Comparison> {
  const [one, two] = await Promise.all([dumpForComparing(pair.first), dumpForComparing(pair.second)]);
  return compareDumps(one, two);
}

/**
 * Removes rows that LeoFS's fresh tables brought back and the dump does not have: above all the credential of
 * `_test_leofs`, whose secret key is public. One transaction, replicated to both managers.
 */
export async function removeRows(site: Site, rows: readonly RowReference[]): Promise<void> {
  const keys = rows
    .map(({ table, key }) => `{${atomText(table)}, ${binaryText(textOf(key) ?? "")}}`)
    .join(", ");
  const expression = `mnesia:sync_transaction(fun() -> lists:foreach(fun(K) -> mnesia:delete(K) end, [${keys}]) end)`;
  const answer = await evaluate(callOf(site), site.manager.node, expression, 30);
  const verdict = answer.kind === "tuple" ? atomName(answer.items[0]) : undefined;
  if (verdict !== "atomic")
    throw new Error(
      `${site.manager.node} did not remove ${rows.map((row) => row.label).join(", ")}; remove them by hand`,
    );
}

/** Tables that users write through the gateways and consoles at any time. */
export const USERS_TABLES: readonly string[] = [
  "leo_s3_users",
  "leo_s3_credentials",
  "leo_s3_user_credential",
  "leo_s3_buckets",
  "leo_s3_endpoints",
];

/**
 * Sets aside rows that were not in the backup and are there now, because somebody wrote them while the managers were
 * back and the recovery was not over: they are nobody's mistake and must not be lost.
 *
 * @param tables where such rows are expected; everywhere else a row too many stays a difference
 */
export function withoutNewRows(comparison: Comparison, tables: readonly string[] = USERS_TABLES): Comparison {
  const may = (table: string) => tables.length === 0 || tables.includes(table);
  const differences = comparison.differences
    .map((one) => (may(one.table) ? { ...one, extra: [] } : one))
    .filter(
      ({ whole, missing, extra, changed }) => whole || missing.length + extra.length + changed.length > 0,
    );
  return { ...comparison, differences, equal: differences.length === 0 };
}

/** The rows that were set aside, for evidence; empty when there were none. */
export function newRowsText(comparison: Comparison): string {
  const rows = comparison.differences.flatMap((table) => table.extra);
  if (rows.length === 0) return "";
  const named = rows.slice(0, 4).join(", ");
  return `${rows.length} rows written since the managers are back: ${named}${rows.length > 4 ? ", ..." : ""}`;
}
