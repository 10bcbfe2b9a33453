import { expect, test } from "vitest";
import { readConfFiles } from "../../../../leofs/conf/confFiles";
import { parseSections } from "../../../../remote/sections";

const MAIN = "/h/etc/leo_manager.conf";
const readable = "@@ conf 3\na=b\n@= override.1 /h/etc/leo_manager.d/10.conf\n@@ override.1.text 3\na=c\n";

test.each([
  ["all of them", readable, undefined],
  ["not the main file", "@= conf.unreadable yes\n", MAIN],
  [
    "not the second of leo_manager.d, whose lines would count",
    `${readable}@= override.2 /h/etc/leo_manager.d/20.conf\n@= override.2.text.unreadable yes\n`,
    "/h/etc/leo_manager.d/20.conf",
  ],
])("who looks may read %s", (_, said, path) => {
  expect(readConfFiles(parseSections(said), MAIN).unreadable).toBe(path);
});
