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
async function dumpForComparing(site: Site): Promise<Dump> {
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
