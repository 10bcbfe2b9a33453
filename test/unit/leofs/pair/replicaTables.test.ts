import { expect, test } from "vitest";
import { atom, tuple } from "../../../../leofs/erlang/terms";
import type { Manager } from "../../../../leofs/manager/manager";
import { addCopy, notJoined, notOnExactly } from "../../../../leofs/pair/replicaTables";

test("a replica that was left is none, although the schema still names its copies", () => {
  const [serving, made] = ["manager_1@10.0.0.12", "manager_2@10.0.0.13"];
  const table = { name: "leo_s3_users", disc: [serving, made], otherwise: [], rows: 1, bytes: 9 };
  const facts = { known: [serving, made], running: [serving, made], tables: [table] };
  const left = { ...facts, running: [serving] };
  expect(notOnExactly(left, [serving, made])).toBeUndefined();
  expect(notJoined(left, made)).toMatch(/^the temporary VM of manager_2@\S+ .* was left/);
  expect(notJoined(facts, made)).toBeUndefined();
});

test("a table may take a minute, and a second more for every MB", async () => {
  const asked: (number | undefined)[] = [];
  const ask: Manager["ask"] = async (_question, _values, options) => {
    asked.push(options?.seconds);
    return tuple(atom("atomic"), atom("ok"));
  };
  const serving = { ask, spec: { node: "manager_1@10.0.0.12" } } as Manager;
  for (const bytes of [0, 37_600_000])
    await addCopy(serving, "manager_2@10.0.0.13", {
      name: "leo_s3_users",
      disc: [],
      otherwise: [],
      rows: 1,
      bytes,
    });
  expect(asked).toEqual([60, 98]);
});
