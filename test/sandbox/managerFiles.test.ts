import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import {
  clearTables,
  errorLog,
  mnesiaDirectory,
  ringHashOf,
  serving,
  setPartner,
  stopAll,
  untilGone,
  untilReply,
  userNames,
} from "./managerSupport";
import { sandboxForThisFile } from "./testSandbox";

const cluster = sandboxForThisFile({
  storages: 1,
  gateways: 0,
  users: 2,
  buckets: 1,
  timers: { SANDBOX_TABLE_WAIT_MS: 3_000 },
});
const of = (role: string) => cluster().manager(role);
const waiting = /^\[ERROR\] \{aborted,\{no_exists,leo_system_conf\}\}\r\n$/;

beforeAll(() => cluster().snapshot());
afterEach(() => cluster().restore());

/** The other manager's files as they are, in an emptied directory. */
function copyFiles(from: string, to: string): void {
  clearTables(of(to));
  cpSync(mnesiaDirectory(of(from)), mnesiaDirectory(of(to)), { recursive: true });
}

test("the manager stopped first, started alone: no tables, then it stops itself; the one stopped last serves alone", async () => {
  await stopAll(cluster(), "master", "slave");
  await cluster().startManager("master");
  await untilReply(cluster(), "master", "status", waiting);
  expect((await cluster().control("master", "ping")).stdout).toBe("pong\n");
  expect((await cluster().control("master", "ready")).code).toBe(1);
  expect(await cluster().console("master", "get-users")).toBe(
    "[ERROR] {aborted,{no_exists,leo_s3_user_credential}}\r\n",
  );
  await untilGone(cluster(), "master");
  expect(errorLog(of("master"))).toContain(
    '\t430\t[{cause,"Mnesia: timeout of waiting for table"},{bad_tables,[',
  );

  await cluster().startManager("slave");
  await untilReply(cluster(), "slave", "status", serving);
  expect(await userNames(cluster(), "slave")).toEqual(["_test_leofs", "user1", "user2"]);
});

test("the donor stopped last: its files bring the other manager back whole, as soon as both run", async () => {
  const hash = await ringHashOf(cluster(), "master");
  await cluster().stopManager("master");
  await cluster().console("slave", "create-user last-moment");
  await cluster().stopManager("slave");
  copyFiles("slave", "master");
  await cluster().startManager("slave");
  await cluster().startManager("master");
  for (const role of ["master", "slave"]) {
    await untilReply(cluster(), role, "status", serving);
    expect(await userNames(cluster(), role)).toContain("last-moment");
    expect(await ringHashOf(cluster(), role)).toBe(hash);
  }
});

test("a stale donor: both come up, what was written since is silently gone", async () => {
  await cluster().stopManager("slave");
  await cluster().console("master", "create-user late-on-master");
  expect(await userNames(cluster(), "master")).toContain("late-on-master");
  await cluster().stopManager("master");
  copyFiles("slave", "master");
  await cluster().startManager("master");
  await untilReply(cluster(), "master", "status", /./);
  await cluster().startManager("slave");
  for (const role of ["master", "slave"]) {
    await untilReply(cluster(), role, "status", serving);
    expect(await userNames(cluster(), role)).toEqual(["_test_leofs", "user1", "user2"]);
  }
});

test("files under another node name: pong, no tables, then the manager stops itself", async () => {
  const name = await cluster().spare({ role: "slave" });
  setPartner(of(name), of("master").node);
  await cluster().stopManager("slave");
  await cluster().stopManager("master");
  copyFiles("master", name);
  await cluster().startManager(name);
  await untilReply(cluster(), name, "status", waiting);
  expect((await cluster().control(name, "ping")).stdout).toBe("pong\n");
  await untilGone(cluster(), name);
  expect(errorLog(of(name))).toContain("Mnesia: timeout of waiting for table");
});

test("an old slave that comes back to a newly formed pair stops itself and changes nothing there", async () => {
  const old = mnesiaDirectory(of("slave"));
  await stopAll(cluster(), "slave", "master");
  const kept = join(cluster().directory, "hosts", "kept");
  cpSync(old, kept, { recursive: true });
  for (const role of ["master", "slave"]) clearTables(of(role));
  await cluster().startManager("master");
  await untilReply(cluster(), "master", "version", /1/);
  await cluster().startManager("slave");
  await cluster().waitForPair();
  await cluster().stopManager("slave");
  clearTables(of("slave"));
  cpSync(kept, old, { recursive: true });
  rmSync(kept, { recursive: true });
  const before = await cluster().console("master", "get-users");
  await cluster().startManager("slave");
  await untilReply(cluster(), "slave", "status", /ERROR/);
  await untilGone(cluster(), "slave", 60_000);
  expect(await cluster().console("master", "get-users")).toBe(before);
});

test("truncated files: start exits 0, and the manager does not come to serve", async () => {
  await cluster().damage("slave");
  expect((await cluster().startManager("slave")).code).toBe(0);
  const said = await untilReply(cluster(), "slave", "status", /ERROR|refused/);
  expect(said).not.toMatch(serving);
  expect(await userNames(cluster(), "master")).toEqual(["_test_leofs", "user1", "user2"]);
});
