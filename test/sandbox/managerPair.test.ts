import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { expressions } from "../../leofs/erlang/expressions";
import {
  clearTables,
  errorLog,
  ringHashOf,
  serving,
  setTimer,
  startPair,
  stopAll,
  tableFiles,
  until,
  untilGone,
  untilReply,
  userNames,
} from "./managerSupport";
import { sandboxForThisFile } from "./testSandbox";

const cluster = sandboxForThisFile({ storages: 1, gateways: 1, users: 2, buckets: 1, endpoints: 1 });
const of = (role: string) => cluster().manager(role);
const evaluate = (role: string, text: string) => cluster().evaluate(of(role).node, text);
let dump: string;
let ringHash: string;

/** How long after its start each looks for its partner: the one that does so first decides how an empty pair begins. */
function looksAfter({ masterMs = 300, slaveMs = 300 } = {}): void {
  setTimer(of("master"), "SANDBOX_PARTNER_POLL_MS", masterMs);
  setTimer(of("slave"), "SANDBOX_SLAVE_GIVE_UP_MS", slaveMs);
}

/** Both managers stopped, with empty Mnesia directories. */
async function emptyPair(): Promise<void> {
  await stopAll(cluster(), "slave", "master");
  looksAfter();
  for (const role of ["master", "slave"]) clearTables(of(role));
}

const load = (role: string) => cluster().control(role, "load-mnesia-data", dump);

beforeAll(async () => {
  dump = join(of("master").backups, "dump.txt");
  ringHash = await ringHashOf(cluster(), "master");
  const outcome = await cluster().control("master", "dump-mnesia-data", dump);
  expect([outcome.code, outcome.stdout, outcome.stderr]).toEqual([0, "", ""]);
  await cluster().snapshot();
});

test("the cluster has a ring of 168 vnodes a storage node, the same on both managers", async () => {
  expect(ringHash).toMatch(/^[0-9a-f]{8}$/);
  expect(await ringHashOf(cluster(), "slave")).toBe(ringHash);
  expect(
    await evaluate("slave", "{mnesia:table_info(leo_ring_cur, size), mnesia:table_info(leo_ring_prv, size)}"),
  ).toBe("{168, 168}");
  expect(await evaluate("slave", "mnesia:table_info(leo_ring_cur, type)")).toBe("ordered_set");
});

test("a dump is one readable file that begins with the 22 tables; both managers give the same rows", async () => {
  const text = readFileSync(dump, "latin1");
  expect(text.startsWith("{tables,\n    [{sv_schemas,\n")).toBe(true);
  expect(text.match(/\{record_name,/g)).toHaveLength(22);
  expect(statSync(dump).mode & 0o777).toBe(0o644);
  const rows = async (role: string) => {
    const file = `${dump}.${role}`;
    await cluster().control(role, "dump-mnesia-data", file);
    return readFileSync(file, "latin1").split("}.\n").sort();
  };
  expect(await rows("master")).toEqual(await rows("slave"));
});

const DUMP_ROWS = expressions("leofs/mnesia/write-dump.erl", "leofs/manager/questions/dump-rows.erl").text;

test("our own writing of rows gives the bytes that LeoFS's command writes, whatever is in them", async () => {
  const odd = String.raw`[<<195,169,34,92,10,0,255>>, "a \"string\"\n over lines " ++ lists:duplicate(200, $x), [1000, 955], 'an atom', 'é', 1.5e-7, [], {}, [a | b], #{k => <<>>}, -1, 16#ffffffffffffffffffff]`;
  const write = `[mnesia:dirty_write(leo_s3_users, {user_1, <<"odd", (integer_to_binary(N))/binary>>, Odd, N, 0, 0, false}) || {N, Odd} <- lists:zip(lists:seq(1, 12), ${odd})]`;
  expect(await evaluate("master", `lists:usort(${write})`)).toBe("[ok]");
  for (const role of ["master", "slave"]) {
    const [leofs, ours] = [`${dump}.leofs`, `${dump}.ours`];
    await cluster().control(role, "dump-mnesia-data", leofs);
    expect(await evaluate(role, `File = <<"${ours}">>, ${DUMP_ROWS}`)).toBe("ok");
    const [wanted, found] = [leofs, ours].map((file) => readFileSync(file, "latin1").split("}.\n").sort());
    expect(found).toEqual(wanted);
  }
  expect(await evaluate("master", `File = <<"/nonexistent/x">>, ${DUMP_ROWS}`)).toMatch(/enoent/);
  await evaluate(
    "master",
    `[mnesia:dirty_delete(leo_s3_users, <<"odd", (integer_to_binary(N))/binary>>) || N <- lists:seq(1, 12)]`,
  );
});

test("load exits 1 on success, merges, and leaves alone what the dump does not name", async () => {
  await cluster().console("master", "create-user written-after-the-dump");
  await cluster().console("master", "delete-user user1");
  expect(await userNames(cluster(), "slave")).not.toContain("user1");
  const { code, stdout } = await load("slave");
  const lines = stdout.trim().split("\n");
  expect([code, lines.length]).toEqual([1, 22]);
  for (const line of lines)
    expect(line).toMatch(
      new RegExp(`^\\*\\* Table \\w+ already exists on '${of("slave").node}', just entering data$`),
    );
  expect(await userNames(cluster(), "master")).toEqual(
    expect.arrayContaining(["_test_leofs", "user1", "user2", "written-after-the-dump"]),
  );
});

test("files that are no dump are refused, each in Mnesia's own words, and change nothing", async () => {
  const before = await cluster().console("master", "get-users");
  const { home } = of("master");
  const cases: [string, string, RegExp][] = [
    ["missing", "/nonexistent/file", /^$/],
    ["empty", "empty.txt", /^No tables found\n$/],
    ["cut", "cut.txt", /^Error in line:\d+ of:".*" syntax error before: /],
  ];
  writeFileSync(join(home, "empty.txt"), "");
  const text = readFileSync(dump, "latin1");
  writeFileSync(join(home, "cut.txt"), text.slice(0, text.lastIndexOf(",") + 1), "latin1");
  for (const [name, file, said] of cases) {
    const path = file.startsWith("/") ? file : join(home, file);
    const { code, stdout } = await cluster().control("master", "load-mnesia-data", path);
    expect([name, code]).toEqual([name, 1]);
    expect(stdout).toMatch(said);
  }
  expect(await cluster().console("master", "get-users")).toBe(before);
});

describe("empty Mnesia directories", () => {
  test("master first, then slave: a fresh pair with LeoFS's defaults; the gateway shows up, the storage node does not", async () => {
    await emptyPair();
    await startPair(cluster());
    for (const role of ["master", "slave"]) {
      expect(await userNames(cluster(), role)).toEqual(["_test_leofs"]);
      expect(await cluster().console(role, "get-users")).toContain(
        "_test_leofs | 9       | 05236                  | 20",
      );
      expect(await cluster().console(role, "get-buckets")).toBe("[ERROR] Bucket not found\r\n");
      expect(await cluster().json(role, "get-buckets")).toEqual({ buckets: [] });
      expect(await cluster().console(role, "get-endpoints")).toMatch(
        /\r\nlocalhost .*\r\ns3\.amazonaws\.com .*\r\n\r\n$/,
      );
      expect(await ringHashOf(cluster(), role)).toBe("");
      expect(tableFiles(of(role)).filter((name) => name.endsWith(".DCD"))).toHaveLength(22);
    }
    const rows = await untilReply(cluster(), "slave", "status", /\n {2}G /);
    expect(rows).not.toMatch(/\n {2}S /);
    // The gateway keeps the ring it has; an empty manager has none to give.
    await untilReply(cluster(), "slave", "status", new RegExp(`  G .*\\| running .*\\| ${ringHash} `));
  });

  test("loaded when all tables are there, the pair is as before, on disc, and after a restart of both", async () => {
    expect((await load("master")).stdout).not.toContain("New table");
    for (const role of ["master", "slave"]) expect(await ringHashOf(cluster(), role)).toBe(ringHash);
    expect(await userNames(cluster(), "slave")).toEqual(["_test_leofs", "user1", "user2"]);
    await stopAll(cluster(), "slave", "master");
    await startPair(cluster());
    for (const role of ["master", "slave"]) expect(await ringHashOf(cluster(), role)).toBe(ringHash);
    expect(await userNames(cluster(), "slave")).toEqual(["_test_leofs", "user1", "user2"]);
  });

  test("loaded between `status` and the last three tables: those three are memory-only", async () => {
    await emptyPair();
    setTimer(of("master"), "SANDBOX_LATE_TABLES_MS", 60_000);
    await cluster().startManager("master");
    await untilReply(cluster(), "master", "version", /1\.4\.4/);
    await cluster().startManager("slave");
    await untilReply(cluster(), "master", "status", serving);
    await untilReply(cluster(), "slave", "status", serving);
    const { code, stdout } = await load("master");
    setTimer(of("master"), "SANDBOX_LATE_TABLES_MS", 300);
    expect([code, stdout.split("\n").filter((line) => line.startsWith("New table"))]).toEqual([
      1,
      ["New table sv_schemas", "New table sv_columns", "New table sv_metric_grp"],
    ]);
    expect(stdout.match(/just entering data/g)).toHaveLength(19);
    expect(await userNames(cluster(), "slave")).toEqual(["_test_leofs", "user1", "user2"]);
    const copies =
      "[{mnesia:table_info(T, disc_copies), mnesia:table_info(T, size)} || T <- [sv_schemas, sv_columns, sv_metric_grp]]";
    expect(await evaluate("master", copies)).toBe("[{[], 1}, {[], 7}, {[], 2}]");
    await stopAll(cluster(), "slave", "master");
    await cluster().startManager("master");
    await cluster().startManager("slave");
    for (const role of ["master", "slave"]) await untilReply(cluster(), role, "status", serving);
    expect(
      await evaluate(
        "master",
        "list_to_tuple([mnesia:table_info(T, size) || T <- [sv_schemas, sv_columns, sv_metric_grp]])",
      ),
    ).toBe("{0, 0, 0}");
  });

  test("slave first: the slave gives up, the pair never forms; a load then is memory-only with another ring", async () => {
    await emptyPair();
    looksAfter({ masterMs: 10_000 });
    await cluster().startManager("slave");
    await untilReply(cluster(), "slave", "version", /1\.4\.4/);
    await cluster().startManager("master");
    await untilGone(cluster(), "slave");
    expect(errorLog(of("slave"))).toContain(
      'leo_manager_sup:create_mnesia_tables_2/1\t440\t[{cause,"Tables not exist"}]',
    );
    await untilReply(cluster(), "master", "status", /^\[ERROR\] Mnesia is not available\r\n$/);
    expect((await cluster().control("master", "ping")).stdout).toBe("pong\n");

    const { code, stdout } = await load("master");
    expect([code, stdout.match(/^New table \w+$/gm)?.length]).toEqual([1, 22]);
    expect(await userNames(cluster(), "master")).toEqual(["_test_leofs", "user1", "user2"]);
    expect(await evaluate("master", "mnesia:table_info(leo_ring_cur, type)")).toBe("set");
    const hash = await ringHashOf(cluster(), "master");
    expect(hash).toMatch(/^[0-9a-f]{8}$/);
    expect(hash).not.toBe(ringHash);
    expect(tableFiles(of("master")).filter((name) => /\.DC[DL]$/.test(name))).toEqual([]);

    await cluster().stopManager("master");
    await cluster().startManager("master");
    expect(await untilReply(cluster(), "master", "get-users", /ERROR/)).toContain("node_not_running");
  });

  test("the slave, started again, lets the pair form", async () => {
    await emptyPair();
    looksAfter({ masterMs: 10_000 });
    await cluster().startManager("slave");
    await untilReply(cluster(), "slave", "version", /1\.4\.4/);
    await cluster().startManager("master");
    await untilGone(cluster(), "slave");
    looksAfter({ slaveMs: 60_000 });
    await cluster().startManager("slave");
    await cluster().waitForPair();
    expect(await userNames(cluster(), "slave")).toEqual(["_test_leofs"]);
  });

  test("only one empty: the manager without files finds no tables and stops itself, the other goes on", async () => {
    for (const [empty, other] of [
      ["master", "slave"],
      ["slave", "master"],
    ] as const) {
      await cluster().restore();
      looksAfter();
      const before = await cluster().console(other, "get-users");
      await cluster().stopManager(empty);
      clearTables(of(empty));
      await cluster().startManager(empty);
      await untilReply(cluster(), empty, "status", /Mnesia is not available/);
      await untilGone(cluster(), empty);
      expect(errorLog(of(empty))).toContain('[{cause,"Tables not exist"}]');
      expect(existsSync(join(of(empty).home, "work", "mnesia", "127.0.0.1", "schema.DAT"))).toBe(false);
      expect(await cluster().console(other, "get-users")).toBe(before);
    }
  });
});

test("`version all` names the configured partner, up or not", async () => {
  await cluster().restore();
  const row = (text: string) => text.split("\r\n").filter((line) => line.startsWith("  M "));
  expect(row(await cluster().console("slave", "version all"))).toEqual([
    `  M    | ${of("slave").node.padEnd(24)} | 1.4.4                            | `,
    `  M    | ${of("master").node.padEnd(24)} | 1.4.4                            | `,
  ]);
  await cluster().stopManager("master");
  const lines = await until(
    async () => row(await cluster().console("slave", "version all")),
    (rows) => rows.length === 2,
  );
  expect(lines[1]).toBe(`  M    | ${of("master").node.padEnd(24)} | Failed to get the version        | `);
});
