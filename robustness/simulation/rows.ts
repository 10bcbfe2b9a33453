/** Rows of the metadata, `table|key` with a version; equal rows are one object, so that they are compared by identity. */
export interface Rows {
  readonly cells: ReadonlyMap<string, number>;
  /** All cells as one text. */
  readonly text: string;
  /** No other rows have it. */
  readonly id: number;
}

let known = new Map<string, Rows>();
let made = 0;

/** The one object for these cells. */
export function rowsOf(cells: ReadonlyMap<string, number>): Rows {
  const text = [...cells]
    .map(([name, version]) => `${name}=${version}`)
    .sort()
    .join(" ");
  let rows = known.get(text);
  if (!rows) {
    if (known.size > 20_000) known = new Map();
    rows = { cells, text, id: ++made };
    known.set(text, rows);
  }
  return rows;
}

/** The rows with one changed, added or (version 0) removed. */
export function withRow(rows: Rows, name: string, version: number): Rows {
  const cells = new Map(rows.cells);
  if (version === 0) cells.delete(name);
  else cells.set(name, version);
  return rowsOf(cells);
}

/** What a load leaves: the rows of the dump over those that are there. */
export const merged = (there: Rows, loaded: Rows): Rows =>
  there === loaded ? there : rowsOf(new Map([...there.cells, ...loaded.cells]));

/** The rows of a text that `Rows.text` gave; undefined for any other text. */
export function parseRows(text: string): Rows | undefined {
  const rows = known.get(text);
  if (rows) return rows;
  if (!/^(\S+=\d+( |$))*$/.test(text)) return undefined;
  const cells = text.split(" ").map((cell) => cell.split("=") as [string, string]);
  return rowsOf(new Map(cells.map(([name, version]) => [name, Number(version)])));
}

/** What a manager writes into fresh tables. */
const FRESH: readonly string[] = [
  "leo_system_conf|1",
  "leo_s3_users|_test_leofs",
  "leo_s3_credentials|05236",
  "leo_s3_user_credential|_test_leofs",
  "leo_s3_endpoints|localhost",
  "leo_s3_endpoints|s3.amazonaws.com",
  "leo_available_commands|status",
];
export const FRESH_ROWS = rowsOf(new Map(FRESH.map((name) => [name, 1])));

/** What only a cluster that was used has: its storage node and its ring. */
export const STORAGE_ROW = "leo_storage_nodes|storage_0@10.0.0.31";
/** What only LeoFS writes, into a table that it makes last. */
export const STATISTICS_ROW = "sv_schemas|vm_stats";
export const RING_ROW = "leo_ring_cur|1";

/** The users by name that a history may change: not LeoFS's own. */
export const usersIn = (rows: Rows): string[] =>
  [...rows.cells.keys()].flatMap((name) => /^leo_s3_users\|(u\d+)$/.exec(name)?.[1] ?? []).sort();
