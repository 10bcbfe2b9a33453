import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Manager } from "../../../../leofs/manager/manager";
import type { Dump } from "../../../../leofs/mnesia/dump";
import { loadDump, loadLimit, readLoad } from "../../../../leofs/pair/load";
import { loadTables } from "../../../../leofs/pair/loadTables";
import { cleanUp, fakeHome, managerAt } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { QuickClock } from "../../support/quickClock";

const GOOD = `** Table leo_s3_users already exists on 'manager_0@10.0.0.11', just entering data
** Table leo_s3_buckets already exists on 'manager_0@10.0.0.11', just entering data
`;

/** A dump of some rows a table. */
const dumpOf = (rows: number, ...tables: string[]) =>
  ({ tables: new Map(tables.map((name) => [name, { rows }])) }) as unknown as Dump;
const TWO = dumpOf(5, "leo_s3_users", "leo_s3_buckets");

cleanUp();

describe("what a load printed", () => {
  test("tables it entered data into, tables it made as new ones, and the rest", () => {
    expect(readLoad(GOOD)).toEqual({ entered: ["leo_s3_users", "leo_s3_buckets"], made: [], other: "" });
    expect(readLoad(`${GOOD}New table sv_schemas\n{error,\n  timeout}\n`)).toEqual({
      entered: ["leo_s3_users", "leo_s3_buckets"],
      made: ["sv_schemas"],
      other: "{error,;   timeout}",
    });
    expect(readLoad("")).toEqual({ entered: [], made: [], other: "" });
    expect(readLoad("a New table x\nNew table x y\n").made).toEqual([]);
  });
});

describe("loading, with a control script that always exits 1, as LeoFS's does", () => {
  const load = async (prints: string) => {
    const home = await fakeHome();
    const script = join(home.manager.home, "bin/leo_manager");
    await writeFile(`${script}.out`, prints);
    await writeFile(
      script,
      `#!/bin/sh\n[ "$1" = load-mnesia-data ] && echo "$2" > "$0.asked" && cat "$0.out"\nexit 1\n`,
    );
    await chmod(script, 0o755);
    return loadDump(await managerAt(new LocalHost(), home), "/b/dump.txt", TWO);
  };

  test("the exit code is not believed: every table entered is a success", async () => {
    expect((await load(GOOD)).entered).toHaveLength(2);
  });

  test("a table that was made as a new one is a failure, with the way out", async () => {
    await expect(load(`${GOOD}New table sv_schemas\n`)).rejects.toThrow(
      /made sv_schemas as new tables in memory.*would be lost at the next restart.*The dump is untouched: \/b\/dump\.txt/s,
    );
  });

  test("tables that are missing are a failure, with what was said", async () => {
    await expect(load("Error in file: enoent\n")).rejects.toThrow(
      /loaded 0 of 2 tables from \/b\/dump\.txt: Error in file: enoent\. Nothing was written/,
    );
    await expect(load("")).rejects.toThrow(/it said nothing/);
  });

  test("a call that timed out may have worked: the rows are compared afterwards", async () => {
    expect((await load("RPC to 'm' failed: timeout\n")).entered).toEqual([]);
  });
});

describe("a load of many rows", () => {
  test("may take longer: a millisecond more for each", () => {
    expect(loadLimit(0)).toBe(180_000);
    expect(loadLimit(4_000_000)).toBe(4_180_000);
  });

  test("is waited for where LeoFS's command gave up: until every table has as many rows as the dump", async () => {
    const counted = [0, 0, 3, 5];
    const said: string[] = [];
    const clock = new QuickClock();
    const holder = {
      host: {
        clock,
        label: "host",
        run: async () => ({ stdout: `${GOOD}RPC failed: timeout\n`, stderr: "" }),
      },
      spec: { node: "m@x", home: "/m" },
      facts: { tools: {}, conf: { path: "/m/etc/leo_manager.conf" } },
      settings: {},
      evidence: async () => dumpOf(counted.shift() ?? 5, "leo_s3_users", "leo_s3_buckets"),
    } as unknown as Manager;
    await loadTables(holder, "/b/dump.txt", TWO, TWO, (line) => said.push(line));
    expect(counted).toEqual([]);
    expect(said).toEqual(["m@x still loads: leo_s3_users has fewer rows than the dump (at most 181 s)"]);
    // Rows that never come are for the comparison to find.
    const more = dumpOf(6, "leo_s3_users", "leo_s3_buckets");
    await loadTables(holder, "/b/dump.txt", more, more, () => undefined);
    expect(clock.now()).toBeGreaterThan(180_000);
  });
});
