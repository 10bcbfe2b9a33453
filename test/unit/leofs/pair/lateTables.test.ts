import { expect, test } from "vitest";
import type { ManagerEvidence } from "../../../../leofs/manager/evidence";
import { FIRST_TABLES, TABLES } from "../../../../leofs/mnesia/tables";
import { whyNotMade } from "../../../../leofs/pair/lateTables";
import { WaitedTooLong } from "../../../../remote/wait";

const NODES = ["manager_0@10.0.0.11", "manager_2@10.0.0.13"];
const fact = { rows: 1, disc: NODES, memoryOnly: [], type: "set", loaded: true };
const having = (tables: readonly string[], mnesia = "yes", loaded = true) =>
  ({
    mnesia,
    tables: new Map(tables.map((name) => [name, { ...fact, loaded }])),
  }) as Partial<ManagerEvidence> as ManagerEvidence;
const waited = new WaitedTooLong("waited 150 s; last seen: ...");
const why = (...seen: (ManagerEvidence | undefined)[]) => whyNotMade(waited, seen, NODES, "/b/dump.txt");

test("late tables that both managers go without are never made, and the pair begins again", () => {
  const said = why(having(FIRST_TABLES), having(FIRST_TABLES)) as Error;
  expect(said.message).toMatch(
    /^LeoFS did not make its last tables.*it loads \/b\/dump\.txt again.*waited 150 s/,
  );
});

test("directories are not to be moved for a manager that hangs, waits for its partner, or came at last", () => {
  expect(why(having(FIRST_TABLES), undefined)).toBe(waited);
  expect(why(having(FIRST_TABLES), having([], "no"))).toBe(waited);
  expect(why(having(TABLES), having(TABLES, "yes", false))).toBe(waited);
  expect(why(having(TABLES), having(TABLES))).toBe(waited);
  const other = new Error("stopped itself");
  expect(whyNotMade(other, [having(FIRST_TABLES), having(FIRST_TABLES)], NODES, "/b")).toBe(other);
});
