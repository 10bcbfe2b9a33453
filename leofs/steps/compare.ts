import { takeDump } from "../backup/dumpBackup";
import { callOf } from "../conf/settings";
import {
  type Comparison,
  compareDumps,
  type Dump,
  isFreshRow,
  parseDump,
  type RowReference,
  revivedRows,
  rowKey,
  rowLabel,
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

/** What is left in the tables of users when something is removed: nothing, or a row that is marked. */
const LEFT_BY_REMOVAL: Readonly<Record<string, "removes" | "marks">> = {
  leo_s3_users: "marks",
  leo_s3_buckets: "marks",
  leo_s3_credentials: "removes",
  leo_s3_user_credential: "removes",
  leo_s3_endpoints: "removes",
};

/** Tables that users write through the gateways and consoles at any time. */
export const USERS_TABLES: readonly string[] = Object.keys(LEFT_BY_REMOVAL);

/** What of a comparison users did themselves, and what is left to be explained. */
export interface UsersWrites {
  rest: Comparison;
  /** Their rows by name, for evidence; empty when there are none. */
  text: string;
}

/**
 * Tells apart what users added, changed and removed since the managers are back and the recovery was not over: it is
 * nobody's mistake and must not be lost. A row that LeoFS never removes, or one that is older than in the backup,
 * stays a difference, and so does everything in other tables.
 *
 * @param added where rows that the backup does not have may be; default in the users' tables only
 */
export function usersWrites(comparison: Comparison, added: "users" | "anywhere" = "users"): UsersWrites {
  const extra: string[] = [];
  const changed: string[] = [];
  const removed: string[] = [];
  const differences = comparison.differences
    .map((one) => {
      const kind = LEFT_BY_REMOVAL[one.table];
      const left = { ...one };
      if (kind || added === "anywhere") {
        extra.push(...one.extra);
        left.extra = [];
      }
      if (kind) {
        changed.push(...one.changed.filter(({ older }) => !older).map(({ label }) => label));
        left.changed = one.changed.filter(({ older }) => older);
      }
      if (kind === "removes") {
        removed.push(...one.missing);
        left.missing = [];
      }
      return left;
    })
    .filter((one) => one.whole || one.missing.length + one.extra.length + one.changed.length > 0);
  const text = [
    named("rows written since the managers are back", extra),
    named("rows of the backup changed since by users", changed),
    named("rows of the backup removed since by users", removed),
  ];
  return {
    rest: { ...comparison, differences, equal: differences.length === 0 },
    text: text.filter((line) => line !== "").join("; "),
  };
}

function named(what: string, rows: readonly string[]): string {
  if (rows.length === 0) return "";
  return `${rows.length} ${what}: ${rows.slice(0, 4).join(", ")}${rows.length > 4 ? ", ..." : ""}`;
}

/** Whether a dump has rows that a pair can only have from a load of it: users, buckets, a ring. */
export const tellsALoad = (dump: Dump): boolean =>
  ["leo_s3_users", "leo_s3_buckets", "leo_ring_cur"].some((table) =>
    dump.tables.get(table)?.rows.some((row) => !isFreshRow(table, rowLabel(table, rowKey(row)))),
  );
