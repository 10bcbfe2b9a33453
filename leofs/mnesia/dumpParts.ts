import type { Dump } from "./dumpFile";
import { TABLES } from "./tables";

/** The tables of a manager or of a dump that LeoFS 1.4.4 does not have: of an older version, or of a build of its own. */
export const otherTables = (tables: Iterable<string>): string[] =>
  [...tables].filter((name) => !TABLES.includes(name)).sort();

/** A dump without some of its tables. */
export const without = (dump: Dump, names: readonly string[]): Dump => ({
  ...dump,
  tables: new Map([...dump.tables].filter(([name]) => !names.includes(name))),
  rows: (wanted) => dump.rows(wanted.filter((name) => !names.includes(name))),
});
