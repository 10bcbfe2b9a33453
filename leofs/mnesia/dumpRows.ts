import { atomName, list, type Term, type Tuple, textOf } from "../erlang/term";
import { TermReader } from "../erlang/termParser";
import { formatTerm } from "../erlang/termPrinter";
import type { Dump } from "./dumpFile";
import { factsOf } from "./tables";

/** A row of a dump, read. */
export interface Row {
  key: Term;
  fields: Term[];
}

/** Reads a row of a dump. */
export function readRow(text: string): Row {
  const { items } = new TermReader(text).term() as Tuple;
  return { key: items[1] ?? list([]), fields: items.slice(1) };
}

/** How its row tells its table (see `rowName`). */
export const tableName = (row: string): string => row.slice(1, row.indexOf(","));

/** A row's text up to the end of its key, with its table: two rows of a table with the same key have the same. */
export function keyText(row: string): string {
  const reader = new TermReader(row);
  reader.passTo(row[1] === "'" ? row.indexOf("',") + 2 : row.indexOf(",") + 1);
  reader.term();
  return row.slice(0, reader.offset());
}

/** Keys of the rows of some tables. */
export async function* keysIn(dump: Dump, tables: readonly string[]): AsyncIterable<[string, Term]> {
  for (const table of tables)
    for await (const rows of dump.rows([table])) for (const row of rows) yield [table, readRow(row).key];
}

/** Node names of the storage and gateway nodes that a dump knows. */
export async function nodesOf(dump: Dump): Promise<string[]> {
  const names: string[] = [];
  for await (const [, key] of keysIn(dump, ["leo_storage_nodes", "leo_gateway_nodes"]))
    names.push(atomName(key) ?? formatTerm(key));
  return names;
}

/** An access key id, shortened so that it can be recognised and not used. */
const shortened = (key: string): string => (key.length > 6 ? `${key.slice(0, 4)}...` : key);

/**
 * How messages name a row: table and key, nothing else of it, since rows hold secret keys and password
 * hashes. Keys that are access key ids are shortened.
 */
export function rowLabel(table: string, key: Term): string {
  const shown = textOf(key) ?? formatTerm(key);
  return `${table} ${factsOf(table).keysAreSecret ? shortened(shown) : shown}`;
}

export interface TableSummary {
  rows: number;
  /** As in {@link DumpTable}. */
  sha256: string;
}

/** Rows and digest of each table, tables in alphabetical order. */
export function summary({ tables }: Dump): Record<string, TableSummary> {
  return Object.fromEntries(
    [...tables.keys()].sort().map((name) => {
      const { rows, sha256 } = tables.get(name)!;
      return [name, { rows, sha256 }];
    }),
  );
}
