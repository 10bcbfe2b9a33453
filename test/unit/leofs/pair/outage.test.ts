import { expect, test } from "vitest";
import type { Manager } from "../../../../leofs/manager/manager";
import { expectedOutage, outageSeconds } from "../../../../leofs/pair/outage";

test.each([
  ["takeover", 767, /^the outage lasts about 15 s: 14 s to stop and start, .*\(there are 767\)/],
  ["takeover", 600_000, /about 114 s/],
  ["inPlace", 0, /about 10 s/],
  ["inPlace", undefined, /^the outage lasts 10 s and more: .*not known now/],
] as const)("the outage of a %s with %s rows follows the size", (kind, rows, text) => {
  expect(expectedOutage(kind, rows)).toMatch(text);
});

test.each([
  ["1012.5", 12.5],
  // Set back by a day, and by less than the outage lasts.
  ["-85388", 9],
  ["999", 9],
])("an outage is never negative: the host's clock says %s", async (now, seconds) => {
  const node = "manager_0@10.0.0.11";
  const at = "2026-11-22T03:00:00.000Z";
  const clock = { stamp: () => "2026-11-22T03:00:09.000Z" };
  const manager = {
    spec: { node },
    host: { clock, run: async () => ({ stdout: now }) },
  } as unknown as Manager;
  const journal = {
    begun: new Map([[`stop.${node}`, { epoch: 1000 }]]),
    done: new Map([[`files.${node}`, { path: "/b", at }]]),
  };
  expect(await outageSeconds(manager, journal)).toBe(seconds);
});
