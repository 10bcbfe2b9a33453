import { createHash } from "node:crypto";
import { type Term, type Tuple, textOf } from "../erlang/term";
import { formatTerm } from "../erlang/termPrinter";
import type { Dump } from "./dumpFile";

/** The key of a row: its second element. */
export const rowKey = (row: Tuple): Term => row.items[1] ?? { kind: "list", items: [] };

/** An access key id, shortened so that it can be recognised and not used. */
export const shortened = (key: string): string => (key.length > 6 ? `${key.slice(0, 4)}...` : key);

/**
 * How messages name a row: table and key, nothing else of it, since rows hold secret keys and password
 * hashes. The keys of `leo_s3_credentials` are access key ids and are shortened.
 */
export function rowLabel(table: string, key: Term): string {
  const shown = textOf(key) ?? formatTerm(key);
  return `${table} ${table === "leo_s3_credentials" ? shortened(shown) : shown}`;
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

/** Fields that must never be shown. */
const SECRET_FIELDS: Record<string, string> = {
  leo_s3_credentials: "secret_access_key",
  leo_s3_users: "password",
};

/** The text with every secret key and password hash of the dump replaced by `[secret]`. */
export function redactSecrets(text: string, dump: Dump): string {
  let result = text;
  for (const [name, field] of Object.entries(SECRET_FIELDS)) {
    const table = dump.tables.get(name);
    const position = 1 + (table?.attributes.indexOf(field) ?? -1);
    if (!table || position === 0) continue;
    for (const row of table.rows) {
      const secret = textOf(row.items[position]);
      if (secret) result = result.split(secret).join("[secret]");
    }
  }
  return result;
}
