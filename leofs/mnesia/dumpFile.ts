import { atomName, isList, isTuple, property, type Term, type Tuple } from "../erlang/term";
import { TermReader } from "../erlang/termParser";
import { TermError } from "../erlang/termText";
import { TABLES } from "./tables";
import { TextRow } from "./textRow";

export interface DumpTable {
  recordName: string;
  /** Field names; the first one is the key. */
  attributes: string[];
  /** `{Table, Key, ...}`, as many fields as attributes behind the table's name. */
  rows: Tuple[];
}

/** What a text dump (`mnesia:dump_to_textfile`) holds. */
export interface Dump {
  tables: Map<string, DumpTable>;
}

export type DumpErrorKind = "empty" | "truncated" | "syntax" | "notADump" | "unknownTable";

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

/**
 * Reads a text dump. A file that was cut in a term, or whose tail is zero bytes, is refused as truncated.
 * A file cut exactly between two rows looks whole (to LeoFS as well): compare the rows of each table with
 * what the dumped manager says it holds. Throws {@link DumpError}.
 *
 * @param known a dump that was read before: a row that stands there, character by character, is not read again
 */
export function parseDump(bytes: Buffer, known?: Dump): Dump {
  const source = bytes.toString("latin1");
  if (source.trim() === "") throw new DumpError("empty", "the dump is empty");
  if (bytes.subarray(0, 4).equals(Buffer.of(1, 2, 3, 4)))
    throw new DumpError("notADump", "a binary Mnesia file (as backup-mnesia writes), not a text dump");
  const zero = bytes.indexOf(0);
  if (zero !== -1)
    throw new DumpError(
      "truncated",
      `the dump holds zero bytes from byte ${zero} on: it was not written completely`,
    );
  try {
    return readDump(new TermReader(source), source, known ? textsOf(known) : new Map());
  } catch (error) {
    if (!(error instanceof TermError)) throw error;
    if (error.atEnd)
      throw new DumpError("truncated", `the dump ends in the middle of a term (line ${error.line})`);
    throw new DumpError("syntax", `the dump is damaged or no dump: ${error.message}`);
  }
}

/** The rows of a dump as they stand in it, each with its table. */
const textsOf = ({ tables }: Dump): Map<string, string> =>
  new Map(
    [...tables].flatMap(([name, { rows }]) =>
      rows.flatMap((row) => (row instanceof TextRow ? [[row.text, name] as const] : [])),
    ),
  );

function readDump(reader: TermReader, source: string, known: ReadonlyMap<string, string>): Dump {
  const header = reader.term();
  if (!isTuple(header, 2) || atomName(header.items[0]) !== "tables" || !isList(header.items[1]))
    throw new DumpError("notADump", "not a Mnesia text dump: it does not begin with {tables,[...]}");
  reader.dot();
  const tables = new Map(header.items[1].items.map((term) => describedTable(term)));
  while (!reader.atEnd()) {
    const from = reader.offset();
    const end = known.size > 0 ? source.indexOf(".\n{", from) + 1 : 0;
    const same = end > 0 ? tables.get(known.get(source.slice(from, end)) ?? "") : undefined;
    if (same) {
      same.rows.push(new TextRow(source, from, end));
      reader.passTo(end);
      continue;
    }
    const line = reader.line();
    const row = reader.term();
    reader.dot();
    const name = isTuple(row) ? atomName(row.items[0]) : undefined;
    if (!isTuple(row) || name === undefined)
      throw new DumpError("syntax", `line ${line}: not a row of a table`);
    const table = tables.get(name);
    if (!table)
      throw new DumpError(
        "unknownTable",
        `line ${line}: a row of ${name}, which is not among the dump's tables`,
      );
    if (row.items.length !== table.attributes.length + 1)
      throw new DumpError(
        "syntax",
        `line ${line}: a row of ${name} with ${row.items.length - 1} fields, its table has ${table.attributes.length}`,
      );
    table.rows.push(new TextRow(source, from, reader.offset()));
  }
  if (!source.endsWith("\n")) throw new DumpError("truncated", "the dump's last line is cut off");
  return { tables };
}

function describedTable(described: Term): [string, DumpTable] {
  const name = isTuple(described, 2) ? atomName(described.items[0]) : undefined;
  const properties = isTuple(described, 2) ? described.items[1] : undefined;
  const attributes = property(properties, "attributes");
  if (name === undefined || !isList(attributes))
    throw new DumpError("notADump", "not a Mnesia text dump: its list of tables is not one");
  const recordName = atomName(property(properties, "record_name")) ?? name;
  return [name, { recordName, attributes: attributes.items.map((item) => atomName(item) ?? ""), rows: [] }];
}

/** The tables of LeoFS 1.4.4 that the dump does not hold. */
export const missingTables = (dump: Dump): string[] => TABLES.filter((table) => !dump.tables.has(table));
