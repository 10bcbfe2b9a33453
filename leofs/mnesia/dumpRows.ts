import { createHash } from "node:crypto";
import { atomName, type Term, type Tuple, textOf } from "../erlang/term";
import { formatTerm } from "../erlang/termPrinter";
import type { Dump } from "./dumpFile";
import { factsOf } from "./tables";
import { TextRow } from "./textRow";

/** The key of a row: its second element. */
export const rowKey = (row: Tuple): Term =>
  row instanceof TextRow ? row.key : (row.items[1] ?? { kind: "list", items: [] });

/** Node names of the storage and gateway nodes that a dump knows. */
export const nodesOf = ({ tables }: Dump): string[] =>
  ["leo_storage_nodes", "leo_gateway_nodes"]
    .flatMap((name) => tables.get(name)?.rows ?? [])
    .flatMap((row) => atomName(rowKey(row)) ?? []);

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
  /** SHA-256, in hex, over the table's rows in canonical form, sorted, one a line. */
  sha256: string;
}

/** Rows and digest of each table, tables in alphabetical order. Equal tables have equal digests. */
export function summary(dump: Dump): Record<string, TableSummary> {
  const result: Record<string, TableSummary> = {};
  for (const name of [...dump.tables.keys()].sort()) {
    const rows = dump.tables.get(name)?.rows ?? [];
    const hash = createHash("sha256");
    for (const line of rows.map(formatTerm).sort()) hash.update(`${line}\n`);
    result[name] = { rows: rows.length, sha256: hash.digest("hex") };
  }
  return result;
}

/** The text with every secret key and password hash of the dump replaced by `[secret]`. */
export function redactSecrets(text: string, dump: Dump): string {
  let result = text;
  for (const [name, table] of dump.tables) {
    const { secret: field } = factsOf(name);
    const position = field === undefined ? 0 : 1 + table.attributes.indexOf(field);
    if (position === 0) continue;
    for (const row of table.rows) {
      const secret = textOf(row.items[position]);
      if (secret) result = result.split(secret).join("[secret]");
    }
  }
  return result;
}
