import { atomName, isList, isTuple } from "../erlang/term";
import { TermReader } from "../erlang/termParser";
import { formatTerm } from "../erlang/termPrinter";
import type { Dump } from "./dumpFile";
import { TABLES } from "./tables";

/** The tables of a manager or of a dump that LeoFS 1.4.4 does not have: of an older version, or of a build of its own. */
export const otherTables = (tables: Iterable<string>): string[] =>
  [...tables].filter((name) => !TABLES.includes(name)).sort();

/** A dump without some of its tables. */
export const without = ({ tables }: Dump, names: readonly string[]): Dump => ({
  tables: new Map([...tables].filter(([name]) => !names.includes(name))),
});

/** The text of a dump with some of its tables only; every row that stays is as it was, byte for byte. */
export function textWith(dump: Buffer, names: readonly string[]): Buffer {
  const source = dump.toString("latin1");
  const reader = new TermReader(source);
  const header = reader.term();
  reader.dot();
  const described = isTuple(header, 2) && isList(header.items[1]) ? header.items[1].items : [];
  const stays = (name: string | undefined) => name !== undefined && names.includes(name);
  const tables = described.filter((one) => stays(isTuple(one) ? atomName(one.items[0]) : undefined));
  const parts = [`{tables,[${tables.map(formatTerm).join(",\n")}]}.\n`];
  while (!reader.atEnd()) {
    const from = reader.offset();
    const row = reader.term();
    reader.dot();
    if (stays(isTuple(row) ? atomName(row.items[0]) : undefined))
      parts.push(`${source.slice(from, reader.offset())}\n`);
  }
  return Buffer.from(parts.join(""), "latin1");
}
