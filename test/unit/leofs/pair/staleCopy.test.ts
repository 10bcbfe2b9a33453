import { expect, test } from "vitest";
import { parseDump } from "../../../../leofs/mnesia/heldDump";
import { rowsOnlyIn } from "../../../../leofs/pair/staleCopy";

const HEADER = "{tables,[{leo_s3_users,[{record_name,user},{attributes,[id,password,updated_at]}]}]}.\n";
const user = (index: number, at: number) =>
  `{leo_s3_users,<<"user-${String(index).padStart(4, "0")}">>,<<"${at}">>,${at}}.\n`;
const dump = (rows: string[]) => parseDump(Buffer.from(HEADER + rows.join(""), "latin1"));
const many = Array.from({ length: 1001 }, (_, index) => index);

test("a row that only a copy has newer is found behind a thousand that it has older", async () => {
  const donors = dump(many.map((index) => user(index, 100)));
  const older = dump(many.map((index) => user(index, 99)));
  const newer = dump(many.map((index) => user(index, index === 1000 ? 101 : 99)));
  expect(await rowsOnlyIn(older, donors)).toEqual([]);
  expect(await rowsOnlyIn(newer, donors)).toEqual(["1 rows of leo_s3_users that are not named"]);
});
