import type { NodeFact, TableFact } from "../../leofs/manager/evidence";
import { factsOf, TABLES } from "../../leofs/mnesia/tables";
import { EMPTY, readMnesia, type Schema } from "./files";
import type { Manager } from "./manager";
import { onDisc, standIn } from "./replica";
import { type Rows, STORAGE_ROW } from "./rows";
import { clock, type World } from "./world";

type Tables = Map<string, TableFact>;
const tablesByRows = new WeakMap<Rows, Map<string, Tables>>();
/** Mnesia's tables as a manager says it has them. */
export function tablesOf(manager: Manager): Tables {
  const { vm } = manager;
  if (vm?.phase === "polling" || !vm) return new Map();
  const { database } = vm;
  const held = database ?? readMnesia(manager.directory ?? EMPTY);
  if (!held) return new Map();
  const late = database !== undefined && clock.now < database.lateAt;
  const known = tablesByRows.get(held.rows) ?? new Map<string, Tables>();
  tablesByRows.set(held.rows, known);
  const { nodes, filling } = held.schema;
  const key = `${nodes} ${filling?.node} ${filling?.tables} ${database !== undefined} ${late}`;
  const tables = known.get(key) ?? tablesWith(held.rows, held.schema, database !== undefined, late);
  known.set(key, tables);
  return tables;
}

function tablesWith(rows: Rows, schema: Schema, loaded: boolean, late: boolean): Tables {
  const counts = new Map<string, number>();
  for (const name of rows.cells.keys()) {
    const table = name.slice(0, name.indexOf("|"));
    counts.set(table, (counts.get(table) ?? 0) + 1);
  }
  const there = TABLES.filter((name) => !late || !factsOf(name).late);
  return new Map(
    there.map((name) => [
      name,
      {
        rows: loaded ? (counts.get(name) ?? 0) : 0,
        disc: onDisc(schema, standIn(name)),
        memoryOnly: [],
        type: "set",
        loaded,
      },
    ]),
  );
}

/** The ring of the cluster, current and previous. */
export const RING: [string, string] = ["668b61cb", "668b61cb"];

/** The storage node as managers with these rows list it, and as it answers. */
export function nodesOf({ storage }: World, rows: Rows | undefined): NodeFact[] {
  if (!rows?.cells.has(STORAGE_ROW)) return [];
  const { node, up, follows } = storage;
  const answer = up ? [...follows] : undefined;
  return [
    { node, type: "storage", state: "running", answers: up, follows: answer, ring: up ? RING : undefined },
  ];
}
