import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { processesOfHome } from "../../sandbox/processes";
import {
  appConfig,
  beamOf,
  editConf,
  openConsole,
  reply,
  serving,
  until,
  untilReply,
} from "./managerSupport";
import { sandboxForThisFile } from "./testSandbox";

const cluster = sandboxForThisFile({ storages: 0, gateways: 0, users: 2, buckets: 1 });
const slave = () => cluster().manager("slave");

beforeAll(async () => {
  await cluster().spare({ role: "slave" });
});

describe("bin/leo_manager of a running node", () => {
  test("start writes the generated files before it looks, then says that the node runs and exits 1", async () => {
    const putBack = editConf(slave(), (text) =>
      text.replace(/^manager\.partner = .*/m, "manager.partner = other@127.0.0.1"),
    );
    const outcome = await cluster().startManager("slave");
    putBack();
    expect([outcome.code, outcome.stdout]).toEqual([1, "Node is already running!\n"]);
    expect(appConfig(slave())).toContain("{manager_partners,['other@127.0.0.1']}");
  });

  test("ping, ready and wait_ready answer on standard output with exit code 0", async () => {
    const said = [];
    for (const verb of ["ping", "ready", "wait_ready"]) {
      const { code, stdout } = await cluster().control("slave", verb);
      said.push([verb, code, stdout]);
    }
    expect(said).toEqual([
      ["ping", 0, "pong\n"],
      ["ready", 0, "Application is ready\n"],
      ["wait_ready", 0, "Application is ready\n"],
    ]);
  });

  test("an unknown subcommand prints usage with exit code 1, a wrong argument count with 0", async () => {
    const usage = "Usage: leo_manager [-type leo_manager|leo_gateway|leo_storage] {start|stop|restart|";
    for (const args of [["bogus"], ["status"], []]) {
      const { code, stdout } = await cluster().control("slave", ...args);
      expect([code, stdout.slice(0, usage.length), stdout.trim().split("\n").length]).toEqual([1, usage, 3]);
    }
    for (const verb of ["dump-mnesia-data", "load-mnesia-data"])
      for (const args of [[], ["/tmp/a", "/tmp/b"]]) {
        const { code, stdout } = await cluster().control("slave", verb, ...args);
        expect([code, stdout]).toEqual([0, `Usage: leo_manager ${verb} <absolute-path>\n`]);
      }
  });

  test("its nodetool shows in the process table as a beam with the node's name behind -extra, as on OTP 19", async () => {
    const { home, node } = slave();
    const asking = cluster().control("slave", "dump-mnesia-data", join(slave().backups, "seen.txt"));
    const lines = await until(
      async () => (await processesOfHome(home)).map((one) => one.commandLine),
      (all) => all.some((line) => line.includes("-extra")),
    );
    await asking;
    expect(lines.filter((line) => /^\S+\/erts-[\d.]+\/bin\/beam\.smp /.test(line))).toContainEqual(
      expect.stringMatching(
        new RegExp(
          `-noshell -run escript start (-- )?-extra \\S+/bin/nodetool -name ${node} -setcookie \\S+ rpc mnesia`,
        ),
      ),
    );
  });

  test("heart starts a beam again that was killed with -9", async () => {
    const before = await beamOf(slave());
    process.kill(before!, "SIGKILL");
    await until(
      () => beamOf(slave()),
      (pid) => pid !== undefined && pid !== before,
    );
    await untilReply(cluster(), "slave", "status", serving);
  });
});

describe("bin/leo_manager of a stopped node", () => {
  test("stop prints ok and returns when the process is gone; everything else then cannot connect, exit 1", async () => {
    const outcome = await cluster().stopManager("slave");
    expect([outcome.code, outcome.stdout]).toEqual([0, "ok\n"]);
    expect(await beamOf(slave())).toBeUndefined();
    const verbs = [
      ["stop"],
      ["ping"],
      ["restart"],
      ["ready"],
      ["dump-mnesia-data", "/tmp/x"],
      ["load-mnesia-data", "/tmp/x"],
    ];
    for (const args of verbs) {
      const { code, stdout } = await cluster().control("slave", ...args);
      expect([args[0], code, stdout]).toEqual([args[0], 1, `Cannot connect Node '${slave().node}'\n`]);
    }
    const started = await cluster().startManager("slave");
    expect([started.code, started.stdout, started.stderr]).toEqual([0, "", ""]);
    await untilReply(cluster(), "slave", "status", serving);
  });

  test("start exits 0 although its console port is taken, and heart keeps trying until it is free", async () => {
    await cluster().stopManager("slave");
    const squatter = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => squatter.listen(slave().consolePort, slave().nodeAddress, done));
    try {
      expect((await cluster().startManager("slave")).code).toBe(0);
      const log = () => readFileSync(join(slave().home, "log", "erlang.log.1"), "utf8");
      await until(
        async () => log(),
        (text) => (text.match(/eaddrinuse/g) ?? []).length >= 2,
      );
    } finally {
      await new Promise((done) => squatter.close(done));
    }
    await untilReply(cluster(), "slave", "status", serving);
  });

  test("start uses the app.config of the last start when the conf cannot be read", async () => {
    await cluster().stopManager("slave");
    const before = appConfig(slave());
    const putBack = editConf(slave(), (text) => `${text}manager.partner =\n`);
    try {
      expect((await cluster().startManager("slave")).code).toBe(0);
      await untilReply(cluster(), "slave", "status", serving);
      expect(appConfig(slave())).toBe(before);
    } finally {
      putBack();
    }
  });
});

describe("a manager without tables", () => {
  test("answers ping and its console; Mnesia is not available; a dump empties its target and fails", async () => {
    const name = "manager_2";
    const manager = cluster().manager(name);
    expect((await cluster().control(name, "ping")).stdout).toBe(
      "vm.args needs to have either -name or -sname parameter.\n",
    );
    expect((await cluster().startManager(name)).code).toBe(0);
    expect(await untilReply(cluster(), name, "status", /ERROR/)).toBe("[ERROR] Mnesia is not available\r\n");
    expect((await cluster().control(name, "ping")).stdout).toBe("pong\n");
    expect(await reply(cluster(), name, "get-users")).toBe(
      `[ERROR] {aborted,{node_not_running,'${manager.node}'}}\r\n`,
    );
    expect(await reply(cluster(), name, "get-buckets")).toBe("[ERROR] Could not get bucket(s)\r\n");
    expect(await reply(cluster(), name, "get-endpoints")).toBe("[ERROR] Could not get endpoint(s)\r\n");
    expect(await reply(cluster(), name, "version all")).toContain(
      "  M    | manager_0@127.0.0.1      | Failed to get the version        | \r\n",
    );
    const target = join(manager.backups, "old.txt");
    writeFileSync(target, "the only copy");
    const dump = await cluster().control(name, "dump-mnesia-data", target);
    expect([dump.code, dump.stdout, readFileSync(target, "utf8")]).toEqual([1, "", ""]);
    await cluster().stopManager(name);
  });
});

test("a connection that stays open does not hinder stop", async () => {
  const connection = openConsole(cluster().manager("slave"));
  connection.send("version\r\n");
  await connection.until(/1\.4\.4/);
  expect((await cluster().stopManager("slave")).code).toBe(0);
  expect(await connection.closed()).toBe("1.4.4\r\n");
});
