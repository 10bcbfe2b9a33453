import { binary, type Term } from "../erlang/term";
import { formatTerm } from "../erlang/termPrinter";
import { type Dump, rowName } from "./dumpFile";
import { rowLabel } from "./dumpRows";
import { factsOf, LEOFS_TABLES } from "./tables";

/** A row of one table, by key. */
export interface RowReference {
  table: string;
  key: Term;
  label: string;
}

/** The rows that a manager writes into fresh tables, by table and key. */
export const FRESH_ROWS = Object.entries(LEOFS_TABLES).flatMap(([table, { fresh = [] }]) =>
  fresh.map((key) => ({ table, key, beginning: `{${rowName(table)},${formatTerm(binary(key))},` })),
);

/** How the rows that a manager writes into a fresh table begin. */
export const freshBeginnings = (table: string): { key: string; beginning: string }[] =>
  FRESH_ROWS.filter((row) => row.table === table);

/** Whether a row is one that a manager writes into fresh tables, by its table and its label. */
export const isFreshRow = (table: string, label: string): boolean =>
  factsOf(table).fresh?.some((key) => rowLabel(table, binary(key)) === label) ?? false;

/** How many rows of a table are more than a manager writes into a fresh one. */
export function rowsBeyondFresh({ tables }: Dump, table: string): number {
  const { rows, fresh } = tables.get(table) ?? { rows: 0, fresh: [] };
  return rows - fresh.length;
}

/**
 * Rows of LeoFS's fresh tables that a dump does not hold: removed by an administrator once. (Deleting a user keeps its
 * `leo_s3_users` row, marked `del`, and removes its credential rows.)
 */
export const removedRows = (expected: Dump): RowReference[] =>
  FRESH_ROWS.filter(({ table, key }) => !has(expected, table, key)).map(({ table, key }) => ({
    table,
    key: binary(key),
    label: rowLabel(table, binary(key)),
  }));

/** Those of them that `actual` holds: now back. */
export const revivedRows = (expected: Dump, actual: Dump): RowReference[] =>
  FRESH_ROWS.filter(({ table, key }) => !has(expected, table, key) && has(actual, table, key)).map(
    ({ table, key }) => ({ table, key: binary(key), label: rowLabel(table, binary(key)) }),
  );

const has = ({ tables }: Dump, table: string, key: string): boolean =>
  tables.get(table)?.fresh.includes(key) ?? false;
