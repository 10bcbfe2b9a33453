import { expect, test } from "vitest";
import { otherTables, parseDump, summary, textWith, without } from "../../../../leofs/mnesia/dump";
import { TABLES } from "../../../../leofs/mnesia/tables";

const ROWS = [
  `{leo_s3_users,<<"a.b">>,"it's 1. {leo_histories,2}.",1}.`,
  `{leo_histories,\n  7,"x"}. % of leo_histories`,
  `{leo_s3_users,<<"\\"c">>,"d\n{leo_histories,9,x}.",2}.`,
];
const DUMP = Buffer.from(
  `{tables,[{leo_s3_users,[{record_name,leo_s3_users},{attributes,[id,name,at]}]},
          {leo_histories,[{attributes,[id,command]},{disc_copies,['a@b']}]}]}.\n${ROWS.join("\n")}\n`,
);

test("what is left out is gone, and every row that stays is as it was, whatever is in it", () => {
  const text = textWith(DUMP, ["leo_s3_users"]);
  expect(text.toString()).toContain(`${ROWS[0]}\n`);
  expect(text.toString()).toContain(`${ROWS[2]}\n`);
  expect(summary(parseDump(text))).toEqual(summary(without(parseDump(DUMP), ["leo_histories"])));
});

test("with every table it is the same dump", () => {
  const text = textWith(DUMP, ["leo_histories", "leo_s3_users"]);
  expect(summary(parseDump(text))).toEqual(summary(parseDump(DUMP)));
});

test("tables that LeoFS does not have are told from those that it has", () => {
  expect(otherTables(["my_table", ...TABLES, "leo_histories"])).toEqual(["leo_histories", "my_table"]);
});
