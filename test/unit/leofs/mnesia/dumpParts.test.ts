import { expect, test } from "vitest";
import { otherTables } from "../../../../leofs/mnesia/dump";
import { TABLES } from "../../../../leofs/mnesia/tables";

test("tables that LeoFS does not have are told from those that it has", () => {
  expect(otherTables(["my_table", ...TABLES, "leo_histories"])).toEqual(["leo_histories", "my_table"]);
});
