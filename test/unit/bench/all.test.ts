import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MEASURES } from "../../../bench/all";

test("docs/performance.md has the command of every measure that --all makes", () => {
  const page = readFileSync("docs/performance.md", "utf8");
  const commands = Object.values(MEASURES).map((words) => `npm run bench -- ${words}`);
  expect(commands.filter((command) => !page.includes(command))).toEqual([]);
});
