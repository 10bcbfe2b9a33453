import { atomName, isList, isTuple, property, type Term } from "../erlang/term";
import { TermReader } from "../erlang/termParser";
import { atomText, formatTerm } from "../erlang/termPrinter";
import { TermError } from "../erlang/termText";
import { TABLES } from "./tables";

/** What is known of a table of a dump; its rows stay where the dump is. */
export interface DumpTable {
  /** As the head of the dump describes it: `{Table,[...]}`. */
  described: string;
  /** Field names; the first one is the key. */
  attributes: readonly string[];
  rows: number;
  /** SHA-256, in hex, over the table's rows in the order of their bytes, one a line. Equal tables have equal digests. */
  sha256: string;
  /** Keys of those of its rows that a manager writes into fresh tables by itself. */
  fresh: readonly string[];
}

/** A text dump (`mnesia:dump_to_textfile`). Of any size: what is in memory is what its tables are like. */
export interface Dump {
  tables: ReadonlyMap<string, DumpTable>;
  /**
   * The rows of some tables, `{Table,Key,...}` each on one line, by table in the order of their bytes; many at a time. It
   * reads the file again.
   */
  rows(tables: readonly string[]): AsyncIterable<readonly string[]>;
  /** What its rows are read through. Absent: they are in memory. */
  host?: object;
}

export type DumpErrorKind = "empty" | "truncated" | "syntax" | "notADump" | "unknownTable" | "unloadable";

/** A file that cannot be used as a dump. The message never carries a row's content. */
export class DumpError extends Error {
  override readonly name = "DumpError";
  constructor(
    readonly kind: DumpErrorKind,
    message: string,
  ) {
    super(message);
  }
}

/** A table as the head of a dump describes it. */
export type DescribedTable = Pick<DumpTable, "described" | "attributes">;

/** Reads the first term of a dump. @throws DumpError when it is none of a dump. */
export function readHead(text: string): Map<string, DescribedTable> {
  const head = termOf(text);
  if (!isTuple(head, 2) || atomName(head.items[0]) !== "tables" || !isList(head.items[1]))
    throw new DumpError("notADump", "not a Mnesia text dump: it does not begin with {tables,[...]}");
  return new Map(head.items[1].items.map(describedTable));
}

function termOf(text: string): Term | undefined {
  try {
    return new TermReader(text).term();
  } catch (error) {
    if (error instanceof TermError) return undefined;
    throw error;
  }
}

function describedTable(described: Term): [string, DescribedTable] {
  const name = isTuple(described, 2) ? atomName(described.items[0]) : undefined;
  const attributes = property(isTuple(described, 2) ? described.items[1] : undefined, "attributes");
  if (name === undefined || !isList(attributes))
    throw new DumpError("notADump", "not a Mnesia text dump: its list of tables is not one");
  const fields = attributes.items.map((item) => atomName(item) ?? "");
  return [name, { described: formatTerm(described), attributes: fields }];
}

/** The first term of a dump of these tables. */
export const headText = ({ tables }: Dump): string =>
  `{tables,[${[...tables.values()].map(({ described }) => described).join(",\n")}]}.\n`;

/** How a table's rows begin up to the first comma, without the brace: what tells one table's rows from another's. */
export const rowName = (table: string): string => atomText(table).split(",")[0]!;

/** The tables of LeoFS 1.4.4 that the dump does not hold. */
export const missingTables = (dump: Dump): string[] => TABLES.filter((table) => !dump.tables.has(table));

/** How many rows a dump has, of all tables. */
export const rowsOf = ({ tables }: Pick<Dump, "tables">): number =>
  [...tables.values()].reduce((sum, { rows }) => sum + rows, 0);
