import { expect, test } from "vitest";
import { takeDump } from "../../../../../leofs/incident/backups/dumpBackup";
import type { Manager } from "../../../../../leofs/manager/manager";
import { type Dump, DumpError } from "../../../../../leofs/mnesia/dump";
import { QuickClock } from "../../../support/quickClock";

const dumpOf = (users: number, ring: number) =>
  ({
    tables: new Map([
      ["leo_s3_users", { rows: users }],
      ["leo_ring_cur", { rows: ring }],
    ]),
  }) as unknown as Dump;

/** A manager that holds these rows; each reading of its dump shows what it has written by then. */
const managerWith = (holds: Dump, readings: (Dump | Error)[], prints: string) => {
  let reads = 0;
  const manager = {
    host: { clock: new QuickClock(), label: "host", run: async () => ({ stdout: prints, stderr: "" }) },
    spec: { node: "m@x", home: "/m" },
    facts: { tools: {} },
    settings: {},
    evidence: async () => holds,
    readDump: async () => {
      const seen = readings[Math.min(reads, readings.length - 1)]!;
      reads += 1;
      if (seen instanceof Error) throw seen;
      return { dump: seen };
    },
  } as unknown as Manager;
  return { manager, reads: () => reads };
};

const GAVE_UP = "RPC to 'm@x' failed: timeout\n";

test("a dump whose command gave up is waited for until it has as many rows as the manager", async () => {
  const cut = new DumpError("truncated", "the dump ends in the middle of a term");
  const written = [dumpOf(3, 0), cut, dumpOf(5, 0), dumpOf(5, 2)];
  const { manager, reads } = managerWith(dumpOf(5, 2), written, GAVE_UP);
  expect(await takeDump(manager, "/b/dump.txt")).toEqual(dumpOf(5, 2));
  expect(reads()).toBe(4);
});

test("one that never gets them counts as none: what is missing in it was not removed by anybody", async () => {
  const { manager } = managerWith(dumpOf(5, 2), [dumpOf(3, 0)], GAVE_UP);
  await expect(takeDump(manager, "/b/dump.txt")).rejects.toThrow(
    /waited 600 s for m@x to write .*leo_s3_users: 3 rows in the dump, 5/,
  );
});

test("a dump whose command came to its end is read once", async () => {
  const { manager, reads } = managerWith(dumpOf(5, 2), [dumpOf(4, 2)], "");
  expect(await takeDump(manager, "/b/dump.txt")).toEqual(dumpOf(4, 2));
  expect(reads()).toBe(1);
});
