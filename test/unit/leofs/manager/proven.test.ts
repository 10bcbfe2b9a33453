import { expect, test } from "vitest";
import { clearMnesia, emptyDirectory } from "../../../../leofs/incident/backups/clearDirectory";
import { copyFiles } from "../../../../leofs/incident/backups/fileBackup";
import { notingIn } from "../../../../leofs/incident/journal";
import type { Manager } from "../../../../leofs/manager/manager";
import { downWhenLookedAt, ifDown, stopped } from "../../../../leofs/manager/proven";

/** A manager whose host's process table shows these VMs: when it was looked at, and now. */
function manager(then: number[], now: number[] = then) {
  const stops: string[] = [];
  const one = {
    spec: { node: "manager_0@10.0.0.11" },
    facts: { beams: then },
    runs: async () => now.length > 0,
    stop: async ({ directory }: { directory: string }) => {
      stops.push(directory);
      return one;
    },
  } as unknown as Manager;
  return { one, stops };
}

test("a look proves what it saw", () => {
  expect(downWhenLookedAt(manager([]).one)).toBeDefined();
  expect(downWhenLookedAt(manager([7]).one)).toBeUndefined();
});

test("the process table of now proves more than that of an earlier look", async () => {
  expect(await ifDown(manager([7], []).one)).toBeDefined();
  expect(await ifDown(manager([], [7]).one)).toBeUndefined();
});

test("one that is down is left alone; one that was started since is stopped, which is said and noted", async () => {
  const said: string[] = [];
  const down = manager([]);
  await stopped(down.one, notingIn("/b/one"), (line) => said.push(line));
  expect([down.stops, said]).toEqual([[], []]);
  const started = manager([], [7]);
  await stopped(started.one, notingIn("/b/one"), (line) => said.push(line));
  expect([started.stops, said]).toEqual([["/b/one"], ["manager_0@10.0.0.11 was started since: stopping it"]]);
});

/** Held by the compiler: the files of a manager that was not proven to be down are not touched. */
export const refused = [
  // @ts-expect-error: it may run
  (one: Manager) => emptyDirectory(one, "/aside"),
  // @ts-expect-error: it may run
  (one: Manager) => copyFiles(one, "one"),
  // @ts-expect-error: it may run
  (...[one, ...rest]: [Manager, ...Parameters<typeof clearMnesia>]) => clearMnesia(one, rest[1], rest[2]),
  // @ts-expect-error: it may run, and its files are open then
  (one: Manager) => one.examine,
];
