import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Manager } from "../../../../leofs/manager/manager";
import { takeDump } from "../../../../leofs/manager/takeDump";
import { type Dump, DumpError } from "../../../../leofs/mnesia/dump";
import { call, type Script, script } from "../../../../remote/script";
import { QuickClock } from "../../support/quickClock";

const dumpOf = (users: number, ring: number) =>
  ({
    tables: new Map([
      ["leo_s3_users", { rows: users }],
      ["leo_ring_cur", { rows: ring }],
    ]),
  }) as unknown as Dump;

/** A manager that holds these rows; its dump's file has these bytes at each look, and is read as what it has by then. */
const managerWith = (
  holds: Dump,
  prints: string,
  bytes: number[],
  readings: Record<number, Dump | Error>,
) => {
  let looks = 0;
  let reads = 0;
  const now = () => bytes[Math.min(looks, bytes.length) - 1] ?? bytes[0]!;
  const run = async ({ name }: Script) => {
    if (name !== "bytes of file") return { stdout: prints, stderr: "" };
    looks += 1;
    return { stdout: `${now()}\n`, stderr: "" };
  };
  const manager = {
    host: { clock: new QuickClock(), label: "host", run },
    spec: { node: "m@x", home: "/m" },
    facts: { tools: {}, conf: { path: "/m/etc/leo_manager.conf" } },
    settings: {},
    evidence: async () => holds,
    readDump: async () => {
      const seen = readings[now()];
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
  const bytes = [10, 20, 20, 20, 30, 30, 40, 50, 50];
  const readings = { 20: cut, 30: dumpOf(5, 0), 50: dumpOf(5, 2) };
  const { manager, reads } = managerWith(dumpOf(5, 2), GAVE_UP, bytes, readings);
  expect(await takeDump(manager, "/b/dump.txt", {}, [])).toEqual(dumpOf(5, 2));
  expect(reads()).toBe(3);
});

test("one that never gets them counts as none: what is missing in it was not removed by anybody", async () => {
  const { manager, reads } = managerWith(dumpOf(5, 2), GAVE_UP, [10], { 10: dumpOf(3, 0) });
  await expect(takeDump(manager, "/b/dump.txt", {}, [])).rejects.toThrow(
    /waited 600 s for m@x to write .*leo_s3_users: 3 rows in the dump, 5/,
  );
  expect(reads()).toBe(1);
});

test("a dump whose command came to its end is read once", async () => {
  const { manager, reads } = managerWith(dumpOf(5, 2), "", [10], { 10: dumpOf(4, 2) });
  expect(await takeDump(manager, "/b/dump.txt", {}, [])).toEqual(dumpOf(4, 2));
  expect(reads()).toBe(1);
});

test.each([
  ["leofs/manager/scripts/take-dump.sh", "dump-mnesia-data", "/etc/leofs/leo_manager_0", ""],
  ["leofs/manager/scripts/take-dump.sh", "dump-mnesia-data", "/etc/leofs/leo_manager_0_second", "second"],
  ["leofs/pair/scripts/load-dump.sh", "load-mnesia-data", "/etc/leofs/leo_manager_0", ""],
  ["leofs/pair/scripts/load-dump.sh", "load-mnesia-data", "/etc/leofs/leo_manager_0_second", "second"],
])(
  "%s: %s of the manager with its conf in %s, one of several of one installation",
  (path, command, etc, extra) => {
    const directory = mkdtempSync(join(tmpdir(), "leofs-take-dump-"));
    const home = join(directory, "leo_manager_0");
    mkdirSync(join(home, "bin"), { recursive: true });
    writeFileSync(join(home, "bin/leo_manager"), '#!/bin/sh\necho "<$NODE_EXTRA_NAME> $*"\n', {
      mode: 0o755,
    });
    const values = { home, etc, file: "/b/dump.txt" };
    const { script: text, args } = call(script(path), values);
    const { stdout } = spawnSync("sh", ["-c", text, "sh", ...args], { encoding: "utf8" });
    rmSync(directory, { recursive: true });
    expect(stdout).toBe(`<${extra}> ${command} /b/dump.txt\n`);
  },
);
