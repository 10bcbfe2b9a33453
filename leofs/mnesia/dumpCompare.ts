import { bigOf, binary, type Term, type Tuple } from "../erlang/term";
import { formatTerm } from "../erlang/termPrinter";
import type { Dump, DumpTable } from "./dumpFile";
import { rowKey, rowLabel } from "./dumpRows";
import { factsOf, LEOFS_TABLES, type TableRule } from "./tables";
import { TextRow } from "./textRow";

export interface ChangedRow {
  label: string;
  /** Names of the fields that differ. */
  fields: string[];
  /** By its own time it is older than it was expected. */
  older: boolean;
}

/** How a table differs. Rows are named by {@link rowLabel}. */
export interface TableDifference {
  table: string;
  /** The table itself is absent (`missing`), unexpected (`extra`), or has other fields (`fields`). */
  whole?: "missing" | "extra" | "fields";
  missing: string[];
  extra: string[];
  changed: ChangedRow[];
}

export interface Comparison {
  equal: boolean;
  tables: number;
  /** Rows of the expected dump that were compared. */
  rows: number;
  differences: TableDifference[];
  /** One line for each table that was not compared in full: what was left out and why. */
  exclusions: string[];
}

/** Compares two dumps table by table, row by row, whatever the order and layout of either. */
export function compareDumps(
  expected: Dump,
  actual: Dump,
  ruleOf: (table: string) => TableRule | undefined = (table) => factsOf(table).changes,
): Comparison {
  const differences: TableDifference[] = [];
  const exclusions: string[] = [];
  let rows = 0;
  for (const name of [...new Set([...expected.tables.keys(), ...actual.tables.keys()])].sort()) {
    const wanted = expected.tables.get(name);
    const found = actual.tables.get(name);
    const difference: TableDifference = { table: name, missing: [], extra: [], changed: [] };
    if (!wanted) difference.whole = "extra";
    else if (!found) difference.whole = "missing";
    else if (wanted.attributes.join() !== found.attributes.join()) difference.whole = "fields";
    else compareRows(difference, wanted, found, ruleOf(name));
    rows += wanted?.rows.length ?? 0;
    const { whole, missing, extra, changed } = difference;
    if (whole || missing.length + extra.length + changed.length > 0) differences.push(difference);
    const rule = ruleOf(name);
    if (rule && wanted) exclusions.push(`${name}: ${excluded(rule)} (${rule.reason})`);
  }
  return { equal: differences.length === 0, tables: expected.tables.size, rows, differences, exclusions };
}

const excluded = (rule: TableRule): string =>
  rule.keysOnly ? "all but the keys" : (rule.ignore ?? []).join(", ");

function compareRows(
  difference: TableDifference,
  wanted: DumpTable,
  found: DumpTable,
  rule?: TableRule,
): void {
  const name = difference.table;
  const [here, there] = unlike(wanted.rows, found.rows);
  const remaining = byKey(there);
  for (const [key, row] of byKey(here)) {
    const other = remaining.get(key);
    remaining.delete(key);
    if (!other) {
      difference.missing.push(rowLabel(name, rowKey(row)));
      continue;
    }
    if (rule?.keysOnly) continue;
    const fields = wanted.attributes.filter(
      (field, index) => !rule?.ignore?.includes(field) && !sameField(row, other, index + 1),
    );
    if (fields.length > 0) {
      const older = timeOf(wanted, other) < timeOf(wanted, row);
      difference.changed.push({ label: rowLabel(name, rowKey(row)), fields, older });
    }
  }
  for (const row of remaining.values()) difference.extra.push(rowLabel(name, rowKey(row)));
}

/** When a row was last written, as it says itself; 0 where it does not. */
function timeOf({ attributes }: DumpTable, row: Tuple): bigint {
  const times = ["created_at", "updated_at", "last_modified_at"].map((field) => {
    const value = row.items[attributes.indexOf(field) + 1];
    return attributes.includes(field) ? (bigOf(value) ?? 0n) : 0n;
  });
  return times.reduce((latest, time) => (time > latest ? time : latest), 0n);
}

const byKey = (rows: readonly Tuple[]): Map<string, Tuple> =>
  new Map(rows.map((row) => [formatTerm(rowKey(row)), row]));

/** The rows of both that do not stand in the other, character by character: those that do are equal, and are not read. */
function unlike(wanted: readonly Tuple[], found: readonly Tuple[]): [Tuple[], Tuple[]] {
  const texts = new Set(found.map(textOfRow));
  const here = wanted.filter((row) => !texts.delete(textOfRow(row)));
  return [here.map(read), found.filter((row) => texts.has(textOfRow(row))).map(read)];
}

const textOfRow = (row: Tuple): string => (row instanceof TextRow ? row.text : formatTerm(row));
/** Read once, since its fields are looked at one by one. */
const read = ({ kind, items }: Tuple): Tuple => ({ kind, items });

function sameField(left: Tuple, right: Tuple, index: number): boolean {
  const [a, b] = [left.items[index], right.items[index]];
  return a !== undefined && b !== undefined && formatTerm(a) === formatTerm(b);
}

/**
 * What an earlier comparison and this one both found. Two managers cannot be looked at in one moment: what somebody
 * writes meanwhile makes them differ, each time in another row, and only a row that stays different is a difference.
 */
export function stillDiffering(earlier: Comparison, now: Comparison): Comparison {
  const found = new Set(earlier.differences.flatMap(namesOf));
  const differences = now.differences
    .map((one) => ({
      ...one,
      missing: one.missing.filter((label) => found.has(`missing ${label}`)),
      extra: one.extra.filter((label) => found.has(`extra ${label}`)),
      changed: one.changed.filter(({ label }) => found.has(`changed ${label}`)),
    }))
    .filter((one) => namesOf(one).some((name) => found.has(name)));
  return { ...now, differences, equal: differences.length === 0 };
}

const namesOf = ({ table, whole, missing, extra, changed }: TableDifference): string[] => [
  ...(whole ? [`${whole} ${table}`] : []),
  ...missing.map((label) => `missing ${label}`),
  ...extra.map((label) => `extra ${label}`),
  ...changed.map(({ label }) => `changed ${label}`),
];

/** The comparison's differences as lines for an operator, at most `limit` rows named in each. */
export function describeDifferences(comparison: Comparison, limit = 5): string[] {
  const some = (labels: string[]) =>
    labels.length > limit
      ? `${labels.slice(0, limit).join(", ")} and ${labels.length - limit} more`
      : labels.join(", ");
  return comparison.differences.flatMap(({ table, whole, missing, extra, changed }) => {
    if (whole === "missing") return [`${table}: the table is missing`];
    if (whole === "extra") return [`${table}: a table that was not expected`];
    if (whole === "fields") return [`${table}: its fields are those of another LeoFS version`];
    const lines: string[] = [];
    if (missing.length > 0) lines.push(`${table}: ${missing.length} missing (${some(missing)})`);
    if (extra.length > 0) lines.push(`${table}: ${extra.length} not expected (${some(extra)})`);
    if (changed.length > 0)
      lines.push(
        `${table}: ${changed.length} changed (${some(changed.map((row) => `${row.label}: ${row.fields.join(", ")}`))})`,
      );
    return lines;
  });
}

/** A row of one table, by key. */
export interface RowReference {
  table: string;
  key: Term;
  label: string;
}

/** The rows that a manager writes into fresh tables, by table and key. */
const FRESH_ROWS = Object.entries(LEOFS_TABLES).flatMap(([table, { fresh = [] }]) =>
  fresh.map((key) => [table, key] as const),
);

/** Whether a row is one that a manager writes into fresh tables, by its table and its label. */
export const isFreshRow = (table: string, label: string): boolean =>
  FRESH_ROWS.some(([name, key]) => name === table && rowLabel(table, binary(key)) === label);

const has = ({ tables }: Dump, table: string, key: Term): boolean => {
  const wanted = formatTerm(key);
  return tables.get(table)?.rows.some((row) => formatTerm(rowKey(row)) === wanted) ?? false;
};

/**
 * Rows of LeoFS's fresh tables that a dump does not hold: removed by an administrator once. (Deleting a user keeps its
 * `leo_s3_users` row, marked `del`, and removes its credential rows.)
 */
export const removedRows = (expected: Dump): RowReference[] =>
  FRESH_ROWS.map(([table, key]) => ({
    table,
    key: binary(key),
    label: rowLabel(table, binary(key)),
  })).filter(({ table, key }) => !has(expected, table, key));

/** Those of them that `actual` holds: now back. */
export const revivedRows = (expected: Dump, actual: Dump): RowReference[] =>
  removedRows(expected).filter(({ table, key }) => has(actual, table, key));
