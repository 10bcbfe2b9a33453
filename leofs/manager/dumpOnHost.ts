import { script } from "../../remote/script";
import { parseSections } from "../../remote/sections";
import { expressions } from "../erlang/expressions";
import { atomName, binary, formatTerm, textOf } from "../erlang/terms";
import { type Dump, type DumpTable, FRESH_ROWS, headText, rowName, rowsOf } from "../mnesia/dump";
import { DumpError, readHead } from "../mnesia/dumpFile";
import { refuseOdd, unknownTable } from "../mnesia/heldDump";
import { sentence } from "../sentence";
import { ask } from "./ask";
import type { LookedAt } from "./lookedAt";

/** What is in a dump, or why the file could not be read. */
export type DumpRead = { dump: Dump } | { unread: string };

const FACTS = script("leofs/manager/scripts/dump-facts.sh");
const ROWS = script("leofs/manager/scripts/dump-rows.sh");
const PART = script("leofs/manager/scripts/dump-part.sh");

/**
 * How long a dump of so many rows may take to be written or read, in milliseconds. LeoFS writes 600,000 rows in some 10 s; they are read,
 * sorted and hashed in as long on a busy host.
 */
export const dumpLimit = (rows = 0): number => 600_000 + rows;

const DUMP_ROWS = expressions("leofs/mnesia/write-dump.erl", "leofs/manager/questions/dump-rows.erl");

/** Has a running manager write its rows as a text dump into a file on its host, which nothing else writes to. */
export async function writeRows(manager: LookedAt, file: string, rows: number | undefined): Promise<void> {
  const seconds = Math.ceil(dumpLimit(rows) / 1000);
  // Not put twice: the first may still write.
  const answer = await ask(manager, DUMP_ROWS, { File: binary(file) }, { seconds, once: true });
  if (atomName(answer) === "ok") return;
  const { host, spec } = manager;
  throw new Error(
    `${host.label}: ${spec.node} could not write its rows to ${file}: ${sentence(textOf(answer) ?? formatTerm(answer))} See the room and the rights there, then run pulumi up again.`,
  );
}

/** How a dump is read. */
export interface ReadHow {
  /** Every row is looked at as well: an Erlang term that can be loaded, with as many fields as its table has. Default: none is. */
  proof?: boolean;
  /** How many it is expected to have: more may take longer. Default: some. */
  rows?: number | undefined;
}

/**
 * Reads a text dump on a manager's host, where its rows stay: what comes are numbers and digests, and the rows that
 * are asked for. The file must stay for as long as its rows are.
 *
 * A file that was cut in a term, or whose tail is zero bytes, is refused as truncated. One that was cut exactly between two rows
 * looks whole (to LeoFS as well): compare the rows of each table with what the dumped manager says it holds.
 *
 * @throws DumpError when it is not whole.
 */
export async function readDumpFile(
  manager: LookedAt,
  file: string,
  { proof = false, rows }: ReadHow = {},
): Promise<DumpRead> {
  const { host, as, place } = manager;
  const values = {
    file,
    work: place.directory,
    syntax: proof ? "yes" : "",
    list: FRESH_ROWS.map((row) => row.beginning),
  };
  const { code, stdout, stderr } = await host.run(FACTS, values, {
    as,
    encoding: "latin1",
    timeoutMs: dumpLimit(rows),
  });
  if (code !== 0) return { unread: stderr.trim() };
  const { values: said } = parseSections(stdout);
  const unreadable = (what: string) => new Error(`${host.label}: ${what}: ${stderr.trim()}`);
  const [bytes = 0, zeros = 0, last] = ["bytes", "zeros", "last"].map((name) => numbersIn(said, name)[0]);
  refuseOdd({ bytes, begins: numbersIn(said, "begin"), zeros });
  if (!said.has("read")) throw unreadable(`${file} could not be read to its end`);
  const described = describedIn(said);
  if (said.has("cut")) throw new DumpError("truncated", "the dump ends in the middle of a term");
  const tables = tablesIn(said, described, {
    proof,
    undigested: (name) => unreadable(`the rows of ${name} in ${file} could not be digested`),
  });
  if (last !== 10) throw new DumpError("truncated", "the dump's last line is cut off");
  const limit = dumpLimit(rowsOf({ tables }));
  return { dump: { tables, rows: (wanted) => rowsIn(manager, file, wanted, limit), host } };
}

type Said = ReadonlyMap<string, string>;

const numbersIn = (said: Said, name: string): number[] =>
  (said.get(name) ?? "").trim().split(/\s+/).filter(Boolean).map(Number);

/** The tables that a dump says it has. One that ends before its first line does is refused by its end. */
function describedIn(said: Said): ReturnType<typeof readHead> {
  const head = said.get("head") ?? "";
  const begun = "{tab".startsWith(String.fromCharCode(...numbersIn(said, "begin")));
  return head === "" && begun ? new Map() : readHead(head);
}

/**
 * Each table with what its rows come to.
 *
 * @param proof as in `ReadHow`
 * @param undigested the error for a table whose digest is not one
 */
function tablesIn(
  said: Said,
  described: ReturnType<typeof readHead>,
  { proof, undigested }: { proof: boolean; undigested: (name: string) => Error },
): Map<string, DumpTable> {
  const tables = new Map<string, DumpTable>(
    [...described].map(([name, one]) => [name, { ...one, rows: 0, sha256: EMPTY, fresh: [] }]),
  );
  const names = new Map([...described.keys()].map((name) => [rowName(name), name]));
  for (let index = 1; said.has(`table.${index}`); index += 1) {
    const [rows = 0, odd = 0, least = 0, most = 0, ...fresh] = numbersIn(said, `table.${index}`);
    const name = names.get(said.get(`name.${index}`)!);
    const table = name === undefined ? undefined : tables.get(name);
    if (name === undefined || !table) throw unnamedRow(said.get(`name.${index}`)!);
    const fields = table.attributes.length;
    if (proof && odd > 0)
      throw new DumpError("syntax", `the dump is damaged: ${odd} rows of ${name} are not Erlang terms`);
    if (proof && (least !== fields || most !== fields))
      throw new DumpError(
        "syntax",
        `the dump is damaged: a row of ${name} with ${least === fields ? most : least} fields, its table has ${fields}`,
      );
    const [sha256] = SHA256.exec(said.get(`digest.${index}`) ?? "") ?? [];
    const [passing = 0] = numbersIn(said, `passing.${index}`);
    if (passing > 0)
      throw new DumpError(
        "unloadable",
        `${passing} rows of ${name} hold a pid, a reference, a port or a fun, which Erlang cannot read back from a text dump: LeoFS would load nothing of it. LeoFS writes no such rows: see what did, remove them, then run pulumi up again`,
      );
    // Digests that failed must not make two tables equal, nor those of no rows, or of a part of them.
    if (sha256 === undefined || sha256 === EMPTY || table.rows > 0) throw undigested(name);
    tables.set(name, { ...table, rows, sha256, fresh: fresh.map((one) => FRESH_ROWS[one - 1]!.key) });
  }
  return tables;
}

const SHA256 = /^[0-9a-f]{64}(?![0-9a-f])/;

/** SHA-256 of nothing: of a table without rows. */
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** What is no name may be anything, also what must not be shown. */
const unnamedRow = (name: string): DumpError =>
  /^[a-z]\w*$/.test(name)
    ? unknownTable(name, "the dump is damaged or not LeoFS's")
    : new DumpError("syntax", "the dump is damaged or no dump: it holds what is not a row of a table");

/** Rows of some tables, as they come. */
async function* rowsIn(
  manager: LookedAt,
  file: string,
  tables: readonly string[],
  limit: number,
): AsyncIterable<readonly string[]> {
  const { host, as, place } = manager;
  const values = { file, work: place.directory, list: tables.map(rowName) };
  const reading = await host.spawn(ROWS, values, { as, timeoutMs: limit });
  let rest = "";
  let whole = false;
  try {
    reading.stdin.end();
    for await (const chunk of reading.stdout) {
      const lines = (rest + (chunk as Buffer).toString("latin1")).split("\n");
      rest = lines.pop()!;
      whole = lines.at(-1) === END;
      yield whole ? lines.slice(0, -1) : lines;
    }
    const { stderr } = await reading.done;
    if (!whole) throw new Error(`${host.label}: ${file} could not be read to its end: ${stderr.trim()}`);
  } finally {
    if (!whole) reading.abort();
  }
}

/** The line behind the last row. */
const END = "\x7f";

/** Writes some tables of a text dump on a manager's host into another file there. */
export async function writeDumpPart(
  { host, as }: LookedAt,
  file: string,
  some: Dump,
  part: string,
): Promise<void> {
  const list = [...some.tables.keys()].map(rowName);
  const options = { as, stdin: headText(some), timeoutMs: dumpLimit(rowsOf(some)) };
  const { code, stderr } = await host.run(PART, { file, part, list }, options);
  if (code !== 0)
    throw new Error(`${host.label}: ${file} could not be written into ${part}: ${stderr.trim()}`);
}
