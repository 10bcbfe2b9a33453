import { createHash } from "node:crypto";
import { atomName, isTuple } from "../erlang/term";
import { TermReader } from "../erlang/termParser";
import { TermError } from "../erlang/termText";
import { type DescribedTable, type Dump, DumpError, type DumpTable, readHead, rowName } from "./dumpFile";
import { freshBeginnings } from "./freshRows";

/** A dump whose rows are in memory: of a file on this machine, or of a model. */
export function heldDump(
  described: ReadonlyMap<string, DescribedTable>,
  rows: ReadonlyMap<string, readonly string[]>,
): Dump {
  const sorted = new Map([...described.keys()].map((name) => [name, [...(rows.get(name) ?? [])].sort()]));
  const tables = new Map([...described].map(([name, one]) => [name, tableOf(name, one, sorted.get(name)!)]));
  return {
    tables,
    async *rows(names) {
      const wanted = names.filter((name) => sorted.has(name));
      for (const name of wanted.sort(byRowName)) yield sorted.get(name)!;
    },
  };
}

const byRowName = (one: string, other: string): number =>
  `${rowName(one)},` < `${rowName(other)},` ? -1 : 1;

function tableOf(name: string, described: DescribedTable, rows: readonly string[]): DumpTable {
  const hash = createHash("sha256");
  for (const row of rows) hash.update(`${row}\n`, "latin1");
  const fresh = freshBeginnings(name)
    .filter(({ beginning }) => rows.some((row) => row.startsWith(beginning)))
    .map(({ key }) => key);
  return { ...described, rows: rows.length, sha256: hash.digest("hex"), fresh };
}

/**
 * Reads the text of a dump, every row to its last term. A file that was cut in a term, or whose tail is zero bytes, is
 * refused as truncated; one that was cut exactly between two rows looks whole (to LeoFS as well). Throws {@link DumpError}.
 */
export function parseDump(bytes: Buffer): Dump {
  const source = bytes.toString("latin1");
  refuseOdd({
    bytes: source.trim().length,
    begins: [...bytes.subarray(0, 4)],
    zeros: bytes.includes(0) ? 1 : 0,
  });
  try {
    return readDump(new TermReader(source), source);
  } catch (error) {
    if (!(error instanceof TermError)) throw error;
    if (error.atEnd)
      throw new DumpError("truncated", `the dump ends in the middle of a term (line ${error.line})`);
    throw new DumpError("syntax", `the dump is damaged or no dump: ${error.message}`);
  }
}

/** Refuses a file by its bytes alone. */
export function refuseOdd({
  bytes,
  begins,
  zeros,
}: {
  bytes: number;
  begins: number[];
  zeros: number;
}): void {
  if (bytes === 0) throw new DumpError("empty", "the dump is empty");
  if (begins.join() === "1,2,3,4")
    throw new DumpError("notADump", "a binary Mnesia file (as backup-mnesia writes), not a text dump");
  if (zeros > 0) throw new DumpError("truncated", "the dump holds zero bytes: it was not written completely");
}

function readDump(reader: TermReader, source: string): Dump {
  reader.term();
  const described = readHead(source.slice(0, reader.offset()));
  reader.dot();
  const rows = new Map<string, string[]>([...described.keys()].map((name) => [name, []]));
  while (!reader.atEnd()) {
    const from = reader.offset();
    const line = reader.line();
    const row = reader.term();
    const text = source.slice(from, reader.offset());
    reader.dot();
    const name = isTuple(row) ? atomName(row.items[0]) : undefined;
    if (!isTuple(row) || name === undefined)
      throw new DumpError("syntax", `line ${line}: not a row of a table`);
    const fields = described.get(name)?.attributes.length;
    if (fields === undefined) throw unknownTable(name, `line ${line}`);
    if (row.items.length !== fields + 1)
      throw new DumpError(
        "syntax",
        `line ${line}: a row of ${name} with ${row.items.length - 1} fields, its table has ${fields}`,
      );
    rows.get(name)!.push(onOneLine(text));
  }
  if (!source.endsWith("\n")) throw new DumpError("truncated", "the dump's last line is cut off");
  return heldDump(described, rows);
}

export const unknownTable = (name: string, where: string): DumpError =>
  new DumpError("unknownTable", `${where}: a row of ${name}, which is not among the dump's tables`);

/** A term as Erlang prints it, without the breaks between its elements and in its strings. */
const onOneLine = (text: string): string => text.replace(/"\n *"/g, "").replace(/\n */g, "");
