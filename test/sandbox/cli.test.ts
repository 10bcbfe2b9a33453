import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { understand } from "../../sandbox/cliArguments";
import { command, eventually, type Outcome } from "../../sandbox/commands";
import type { Description } from "../../sandbox/describe";
import { processesOf } from "../../sandbox/processes";
import { endSandbox, newDirectory, remains } from "./testSandbox";

const root = resolve(__dirname, "../..");
const cli = ["-r", "ts-node/register/transpile-only", join(root, "sandbox", "cli.ts")];

const run = (directory: string, ...args: string[]): Promise<Outcome> =>
  command(process.execPath, [...cli, ...args, "--directory", directory], { cwd: root, timeoutMs: 110_000 });

const description = (directory: string) =>
  JSON.parse(readFileSync(join(directory, "sandbox.json"), "utf8")) as Description;

describe("the command line", () => {
  it("understands the verbs of the help", () => {
    expect(
      understand(["up", "--storages", "3", "--fast", "--adm", "documented", "--directory", "d"]),
    ).toEqual({
      verb: "up",
      directory: "d",
      options: { storages: 3, fast: true, adm: "documented" },
    });
    expect(understand(["--directory", "d", "lose", "master"])).toEqual({
      verb: "lose",
      directory: "d",
      role: "master",
    });
    expect(understand(["damage", "slave", "--how", "garble"])).toEqual({
      verb: "damage",
      directory: ".sandbox",
      role: "slave",
      how: "garble",
    });
    expect(understand(["spare"])).toEqual({ verb: "spare", directory: ".sandbox" });
    expect(understand(["write-while-down"])).toMatchObject({ stopped: "slave" });
    expect(understand(["up", "--help"])).toMatchObject({ verb: "help" });
    expect(understand([])).toMatchObject({ verb: "help" });
  });

  it.each([
    [["bla"], '"bla" is none of up, status'],
    [["lose"], 'lose takes "master" or "slave"'],
    [["damage", "both"], 'not "both"'],
    [["damage", "slave", "--how", "softly"], "--how is truncate or garble"],
    [["up", "--users", "many"], '--users is a number, not "many"'],
    [["up", "--adm", "other"], "--adm is shipped or documented"],
    [["status", "--storages", "2"], "status: Unknown option '--storages'"],
    [["down", "now"], 'down does not take "now"'],
  ])("says what is wrong with %j", (args, message) => {
    expect(() => understand(args)).toThrow(message);
  });

  it("exits 2 for a wrong command line, 1 for what cannot be done", async () => {
    const directory = newDirectory();
    try {
      const wrong = await run(directory, "lose");
      expect([wrong.code, wrong.stderr.includes("--help")]).toEqual([2, true]);
      const nothing = await run(directory, "status");
      expect([nothing.code, nothing.stderr]).toEqual([
        1,
        `sandbox: there is no sandbox in ${directory}: build one with "npm run sandbox -- up"\n`,
      ]);
      expect((await run(directory, "up", "--cluster", "Bad Name")).stderr).toContain(
        "cluster: small letters",
      );
      expect(await remains(directory)).toEqual([]);
    } finally {
      await endSandbox(directory);
    }
  });

  it("neither builds in a directory with other files nor removes them", async () => {
    const directory = newDirectory();
    try {
      mkdirSync(join(directory, "log"));
      writeFileSync(join(directory, "log", "mine"), "precious");
      writeFileSync(join(directory, "notes"), "precious");
      const up = await run(directory, "up", "--fast");
      expect([up.code, up.stderr.includes("holds other files (notes)")]).toEqual([1, true]);
      expect((await run(directory, "down")).code).toBe(0);
      expect(readFileSync(join(directory, "log", "mine"), "utf8")).toBe("precious");
    } finally {
      await endSandbox(directory);
    }
  });
});

describe("a sandbox's life on the command line", () => {
  const directory = newDirectory();
  afterAll(() => endSandbox(directory));

  const ended = () =>
    eventually("no process left", 5_000, async () =>
      (await remains(directory)).length === 0 ? true : undefined,
    );

  it("killed in the middle of up: the next up starts afresh", async () => {
    const child = spawn(process.execPath, [...cli, "up", "--fast", "--directory", directory], {
      stdio: "ignore",
    });
    const gone = new Promise((done) => child.once("exit", done));
    await eventually("a running beam", 60_000, async () =>
      (await processesOf(directory)).some((one) => one.program === "beam.smp") ? true : undefined,
    );
    child.kill("SIGKILL");
    await gone;
    expect(description(directory).state).toBe("building");
    const up = await run(
      directory,
      "up",
      "--fast",
      "--users",
      "2",
      "--cluster",
      "leofs_7",
      "--adm",
      "documented",
    );
    expect(up.stderr).toBe("");
    expect(up.stdout).toContain("clearing away a sandbox that was never finished");
    expect(description(directory)).toMatchObject({ state: "ready", cluster: "leofs_7", adm: "documented" });
  });

  it("status shows managers, hosts, nodes, and one ring hash", async () => {
    const { stdout } = await run(directory, "status");
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toBe(`cluster leofs_7 in ${directory}`);
    expect(lines[1]).toMatch(
      /^manager_0 {2}master .* host reachable, running, console: serving, ring [0-9a-f]{8}$/,
    );
    expect(lines[3]).toMatch(
      /^storage_0 .* running, follows manager_0@\S+, manager_1@\S+, ring [0-9a-f]{8}$/,
    );
    expect(new Set(lines.slice(1).map((line) => line.split(" ring ")[1])).size).toBe(1);
    expect(lines).toHaveLength(6);
  });

  it("up again starts what does not run, and refuses other settings", async () => {
    const sshd = (await processesOf(directory)).find((one) => one.program === "sshd")!;
    process.kill(sshd.pid, "SIGKILL");
    const other = await run(directory, "up", "--users", "5");
    expect([other.code, other.stderr.includes("other settings (users)")]).toEqual([1, true]);
    const again = await run(directory, "up");
    expect(again.code).toBe(0);
    expect(again.stdout.match(/host reachable, running, console: serving/g)).toHaveLength(2);
  });

  it("write-while-down leaves the slave stopped and behind", async () => {
    const { stdout } = await run(directory, "write-while-down");
    expect(stdout).toMatch(/the slave is stopped and does not know the users late-\w+-user1, late-\w+-user2/);
    expect((await run(directory, "status")).stdout).toMatch(/manager_1 .* not running, console: no console/);
  });

  it("damage, lose and spare", async () => {
    expect((await run(directory, "spare")).stderr).toContain("no manager was lost, so say which role");
    const home = description(directory).managers.manager_1!.home;
    const schema = join(home, "work/mnesia/127.0.0.1/schema.DAT");
    const before = readFileSync(schema);
    await run(directory, "damage", "slave", "--how", "garble");
    expect(readFileSync(schema)).toHaveLength(before.length);
    expect(readFileSync(schema).equals(before)).toBe(false);
    await run(directory, "damage", "slave");
    expect(readFileSync(schema)).toHaveLength(Math.floor(before.length / 2));
    expect((await run(directory, "lose", "master")).stdout).toBe(
      "manager_0 is gone: processes, files, host\n",
    );
    expect((await run(directory, "spare")).stdout).toContain("manager_2 is installed as manager_2@");
    const { managers, cookie } = description(directory);
    const conf = readFileSync(join(managers.manager_2!.home, "etc/leo_manager.conf"), "utf8");
    expect(conf).toContain(`\ndistributed_cookie = ${cookie}\n`);
    expect(conf).toContain("\nmanager.partner = manager_1@127.0.0.1\n");
    expect(conf).toContain("\nsystem.cluster_id = leofs_7\n");
    expect((await run(directory, "lose", "master")).stdout).toBe(
      "manager_2 is gone: processes, files, host\n",
    );
    expect((await run(directory, "lose", "master")).stderr).toContain(
      "there is no master in this sandbox any more",
    );
  });

  it("reset builds the same cluster from scratch; down leaves nothing, twice", async () => {
    expect((await run(directory, "reset")).stdout).toMatch(/cluster leofs_7 .*\nmanager_0 .*serving/);
    expect(Object.keys(description(directory).managers)).toEqual(["manager_0", "manager_1"]);
    expect((await run(directory, "down")).stdout).toMatch(/^ended \d+ processes; nothing of the sandbox/);
    await ended();
    expect(existsSync(directory)).toBe(false);
    expect((await run(directory, "down")).stdout).toMatch(/^ended 0 processes/);
  });
});
