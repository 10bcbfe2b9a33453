import { bigOf } from "../erlang/term";
import { formatTerm } from "../erlang/termPrinter";
import { ALL_NAMED, type Comparison, differs, type TableDifference } from "./dumpDifferences";
import { type Dump, type DumpTable, rowName, rowsOf } from "./dumpFile";
import { type Row, readRow, rowLabel, tableName } from "./dumpRows";
import { mergeRows } from "./mergeRows";
import { factsOf, type TableRule } from "./tables";

/** How many rows of each kind are named in a table. More of them are counted: no list grows with the tables. */
const NAMED = 1000;

/** Rows that are held at once, some 30 MB: more are read beside the other side's. */
const HELD_ROWS = 150_000;

/**
 * Rows of some tables of one dump, to be compared with another's. Both may lie on one host, whose SSH server may allow one session only:
 * few are read to their end first then.
 */
async function besideOther(
  dump: Dump,
  other: Dump,
  tables: readonly string[],
): Promise<AsyncIterable<readonly string[]>> {
  const rows = tables.reduce((sum, table) => sum + (dump.tables.get(table)?.rows ?? 0), 0);
  if (dump.host !== other.host || rows > HELD_ROWS) return dump.rows(tables);
  const held: (readonly string[])[] = [];
  for await (const some of dump.rows(tables)) held.push(some);
  return (async function* () {
    yield* held;
  })();
}

/**
 * Compares two dumps table by table, row by row, whatever the order and layout of either. Tables with the same digest are
 * equal; of the others the rows are read.
 */
export async function compareDumps(
  expected: Dump,
  actual: Dump,
  ruleOf: (table: string) => TableRule | undefined = (table) => factsOf(table).changes,
): Promise<Comparison> {
  const names = [...new Set([...expected.tables.keys(), ...actual.tables.keys()])].sort();
  const found = new Map(
    names.map((table) => [table, { table, missing: [], extra: [], changed: [] } as TableDifference]),
  );
  const unlike: string[] = [];
  const tables = new Map(names.map((table) => [rowName(table), table]));
  for (const [name, difference] of found) {
    const [wanted, there] = [expected.tables.get(name), actual.tables.get(name)];
    if (!wanted) difference.whole = "extra";
    else if (!there) difference.whole = "missing";
    else if (wanted.attributes.join() !== there.attributes.join()) difference.whole = "fields";
    else if (wanted.sha256 !== there.sha256) unlike.push(name);
  }
  if (unlike.length > 0)
    await mergeRows(await besideOther(expected, actual, unlike), actual.rows(unlike), (here, there) => {
      const table = tables.get(tableName((here ?? there)!))!;
      compareRow(found.get(table)!, expected.tables.get(table)!, ruleOf(table), here, there);
    });
  const differences = [...found.values()].filter(differs);
  return {
    equal: differences.length === 0,
    tables: expected.tables.size,
    rows: rowsOf(expected),
    differences,
    exclusions: names.flatMap((name) => {
      const rule = expected.tables.has(name) ? ruleOf(name) : undefined;
      return rule ? [`${name}: ${excluded(rule)} (${rule.reason})`] : [];
    }),
  };
}

const excluded = (rule: TableRule): string =>
  rule.keysOnly ? "all but the keys" : (rule.ignore ?? []).join(", ");

/** Notes how a row of both, or of one of them, differs. */
function compareRow(
  difference: TableDifference,
  { attributes }: DumpTable,
  rule: TableRule | undefined,
  here: string | undefined,
  there: string | undefined,
): void {
  const row = readRow((here ?? there)!);
  const label = rowLabel(difference.table, row.key);
  if (here === undefined) name(difference, "extra", label);
  else if (there === undefined) name(difference, "missing", label);
  if (here === undefined || there === undefined || rule?.keysOnly) return;
  const other = readRow(there);
  const fields = attributes.filter(
    (field, index) => !rule?.ignore?.includes(field) && !sameField(row, other, index),
  );
  if (fields.length === 0) return;
  const older = timeOf(attributes, other) < timeOf(attributes, row);
  name(difference, "changed", { label, fields, older });
}

function name<K extends "missing" | "extra" | "changed">(
  difference: TableDifference,
  kind: K,
  row: TableDifference[K][number],
): void {
  const list = difference[kind] as (typeof row)[];
  if (list.length < NAMED) {
    list.push(row);
    return;
  }
  difference.unnamed ??= { ...ALL_NAMED };
  difference.unnamed[kind] += 1;
  if (typeof row !== "string" && row.older) difference.unnamed.older += 1;
}

/** When a row was last written, as it says itself; 0 where it does not. */
function timeOf(attributes: readonly string[], { fields }: Row): bigint {
  const times = ["created_at", "updated_at", "last_modified_at"].map((field) => {
    const index = attributes.indexOf(field);
    return index === -1 ? 0n : (bigOf(fields[index]) ?? 0n);
  });
  return times.reduce((latest, time) => (time > latest ? time : latest), 0n);
}

function sameField(one: Row, other: Row, index: number): boolean {
  const [a, b] = [one.fields[index], other.fields[index]];
  return a !== undefined && b !== undefined && formatTerm(a) === formatTerm(b);
}
