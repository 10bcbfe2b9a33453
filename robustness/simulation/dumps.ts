import { atom, binary, integer, type Tuple, tuple } from "../../leofs/erlang/term";
import { type Dump, DumpError, type DumpTable } from "../../leofs/mnesia/dumpFile";
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

function dumpOf(text: string): Dump {
  const rows = text === "" ? undefined : parseRows(text);
  if (!rows) throw new DumpError("truncated", "the dump ends in the middle of a term");
  const tables = new Map<string, DumpTable>(
    TABLES.map((name) => [name, { recordName: name, attributes: ["key", "updated_at"], rows: [] }]),
  );
  for (const [name, version] of rows.cells) {
    const [table, key] = name.split("|") as [string, string];
    const row = tuple(
      atom(table),
      NUMBERED.has(table) ? integer(Number(key)) : binary(key),
      integer(version),
    );
    tables.get(table)!.rows.push(row as Tuple);
  }
  return { tables };
}
