import { atom, binary, integer, tuple } from "../../leofs/erlang/term";
import { formatTerm } from "../../leofs/erlang/termPrinter";
import { type DescribedTable, type Dump, DumpError } from "../../leofs/mnesia/dumpFile";
import { heldDump } from "../../leofs/mnesia/heldDump";
import { TABLES } from "../../leofs/mnesia/tables";
import { parseRows } from "./rows";

let known = new Map<string, Dump>();

/** The dump that a text of the model stands for, the same object for the same text. @throws DumpError when it is cut. */
export function dumpIn(text: string): Dump {
  const dump = known.get(text) ?? dumpOf(text);
  if (known.size > 5_000) known = new Map();
  known.set(text, dump);
  return dump;
}

const NUMBERED = new Set(["leo_system_conf", "leo_ring_cur"]);

const DESCRIBED: ReadonlyMap<string, DescribedTable> = new Map(
  TABLES.map((name) => [name, { described: name, attributes: ["key", "updated_at"] }]),
);

function dumpOf(text: string): Dump {
  const rows = text === "" ? undefined : parseRows(text);
  if (!rows) throw new DumpError("truncated", "the dump ends in the middle of a term");
  const tables = new Map<string, string[]>();
  for (const [name, version] of rows.cells) {
    const [table, key] = name.split("|") as [string, string];
    const keyOf = NUMBERED.has(table) ? integer(Number(key)) : binary(key);
    const row = formatTerm(tuple(atom(table), keyOf, integer(version)));
    tables.set(table, [...(tables.get(table) ?? []), row]);
  }
  return heldDump(DESCRIBED, tables);
}
