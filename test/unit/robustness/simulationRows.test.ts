import { expect, test } from "vitest";
import type { ManagerEvidence } from "../../../leofs/manager/evidence";
import { lackingForUsers } from "../../../leofs/manager/ready";
import { FIRST_TABLES } from "../../../leofs/mnesia/tables";
import { FRESH_ROWS } from "../../../robustness/simulation/rows";

test("a fresh pair of the model has what the product waits for before it loads the rows of users", () => {
  const nodes = ["manager_0@10.0.0.11", "manager_2@10.0.0.13"];
  const rowsIn = (table: string) =>
    [...FRESH_ROWS.cells.keys()].filter((name) => name.startsWith(`${table}|`)).length;
  const tables = FIRST_TABLES.map((name) => [
    name,
    { rows: rowsIn(name), disc: nodes, memoryOnly: [], type: "set", loaded: true },
  ]);
  const evidence = { mnesia: "yes", tables: new Map(tables as never) } as unknown as ManagerEvidence;
  expect(lackingForUsers(evidence, nodes)).toBeUndefined();
});
