import { expect, test } from "vitest";
import { expectedOutage } from "../../../../leofs/pair/outage";

test.each([
  ["takeover", 767, /^the outage lasts about 15 s: 14 s to stop and start, .*\(there are 767\)/],
  ["takeover", 600_000, /about 114 s/],
  ["inPlace", 0, /about 10 s/],
  ["inPlace", undefined, /^the outage lasts 10 s and more: .*not known now/],
] as const)("the outage of a %s with %s rows follows the size", (kind, rows, text) => {
  expect(expectedOutage(kind, rows)).toMatch(text);
});
