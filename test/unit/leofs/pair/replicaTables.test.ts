import { expect, test } from "vitest";
import { notJoined, notOnExactly } from "../../../../leofs/pair/replicaTables";

test("a replica that was left is none, although the schema still names its copies", () => {
  const [serving, made] = ["manager_1@10.0.0.12", "manager_2@10.0.0.13"];
  const table = { name: "leo_s3_users", disc: [serving, made], otherwise: [], rows: 1, bytes: 9 };
  const facts = { known: [serving, made], running: [serving, made], tables: [table] };
  const left = { ...facts, running: [serving] };
  expect(notOnExactly(left, [serving, made])).toBeUndefined();
  expect(notJoined(left, made)).toMatch(/^the temporary VM of manager_2@\S+ .* was left/);
  expect(notJoined(facts, made)).toBeUndefined();
});
