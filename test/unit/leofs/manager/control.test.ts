import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { notingIn } from "../../../../leofs/incident/journal";
import { START, STOP, startValues, stopValues } from "../../../../leofs/manager/control";
import { FIND_PROCESSES } from "../../../../leofs/manager/processes";
import type { ManagerSpec } from "../../../../leofs/names";
import { commandOf } from "../../../../remote/script";
import type { FakeHome } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { limited, shellPrograms, standInManager } from "../../support/standInManager";

const standIn = standInManager();
let home: FakeHome;
let manager: ManagerSpec;
beforeEach(() => {
  ({ home, manager } = standIn);
});

describe.each(shellPrograms())("in $name", ({ shell }) => {
  const host = () => new LocalHost(shell);
  const stop = (seconds = 10, past = "") =>
    host().run(STOP, limited(stopValues(manager, { noting: notingIn(home.incident), past }), seconds));
  const start = (partner = "", seconds = 10) =>
    host().run(START, limited(startValues(manager, { partner }), seconds));

  test("start brings it up, once, and stop takes it down, once", async () => {
    const started = await start();
    const [pid] = await standIn.pids();
    expect(started).toMatchObject({ code: 0, stderr: "" });
    expect(started.stdout).toBe(
      `${manager.node} runs: process ${pid} (${manager.home}/bin/leo_manager start)\n`,
    );
    expect((await start()).stdout).toBe(`${manager.node} runs: process ${pid} (it ran already)\n`);

    const stopped = await stop();
    expect(stopped).toMatchObject({ code: 0, stderr: "" });
    expect(stopped.stdout).toBe(
      `${manager.node} stopped: process ${pid} gone (${manager.home}/bin/leo_manager stop)\n`,
    );
    expect(await standIn.pids()).toEqual([]);
    expect(await stop()).toMatchObject({ code: 0, stdout: expect.stringContaining("is down already") });
    expect(await standIn.asked()).toEqual([`start as ${manager.runAs}`, `stop as ${manager.runAs}`]);
  });

  test("a stop notes when it began and that it is done; a stop of what is down notes nothing", async () => {
    await stop();
    expect(await standIn.journal()).toEqual([]);
    await start();
    await stop();
    expect(await standIn.journal()).toEqual([`stop.${manager.node}.begun`, `stop.${manager.node}.done`]);
    const noted = JSON.parse(
      await readFile(join(home.incident, "journal", `stop.${manager.node}.begun`), "utf8"),
    );
    expect(noted.epoch).toBeGreaterThan(1_700_000_000);
  });

  test("the first begin of a stop stays: the outage counts from it", async () => {
    await mkdir(join(home.incident, "journal"));
    const begun = join(home.incident, "journal", `stop.${manager.node}.begun`);
    await writeFile(begun, '{"epoch":17}');
    await start();
    await stop();
    expect(await readFile(begun, "utf8")).toBe('{"epoch":17}');
  });

  test("a start that is under way is waited for, not repeated", async () => {
    await standIn.manner("slow");
    execFileSync(join(manager.home, "bin/leo_manager"), ["start"], { stdio: "ignore" });
    const ours = start();
    const stopped = stop(1);
    expect(await stopped).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/a start of manager_\d+@.* is under way .*process \d+/),
    });
    await writeFile(join(manager.home, "go"), "");
    expect(await ours).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("(a start was under way)"),
    });
    expect(await standIn.pids()).toHaveLength(1);
    expect(await standIn.asked()).toEqual(
      ["start", "console", "start"].map((verb) => `${verb} as ${manager.runAs}`),
    );
  });

  test("a start under way that brings nothing is reported, and no second one is made", async () => {
    await standIn.manner("slow");
    execFileSync(join(manager.home, "bin/leo_manager"), ["start"], { stdio: "ignore" });
    expect(await start("", 1)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("brought no VM within 1 s"),
    });
    await writeFile(join(manager.home, "go"), "");
  });

  test("LeoFS's nodetool, which carries the node's name, is no manager", async () => {
    const home = manager.home;
    const tool = ["-extra", `${home}/nodetool`, "-name", manager.node, "-setcookie", "x", "ping"];
    await standIn.pretend(
      `${home}/bin/beam.smp`,
      "-root",
      home,
      "-noshell",
      "-run",
      "escript",
      "start",
      ...tool,
    );
    expect(await standIn.pids()).toEqual([]);
    expect(await stop()).toMatchObject({ code: 0, stdout: expect.stringContaining("is down already") });
    expect(await start()).toMatchObject({ code: 0, stdout: expect.stringContaining("leo_manager start)") });
    expect(await standIn.pids()).toHaveLength(1);
  });

  test("where the start files of a login colour what grep prints, one that runs is seen to run", async () => {
    // As grep before 3.6 reads it, which is that of CentOS 7 and Ubuntu 18.04.
    const old = join(manager.home, "old");
    await mkdir(old);
    const grep = execFileSync("sh", ["-c", "command -v grep"], { encoding: "utf8" }).trim();
    await writeFile(join(old, "grep"), `#!/bin/sh\nexec ${grep} $GREP_OPTIONS "$@"\n`, { mode: 0o755 });
    await start();
    const coloured = { GREP_OPTIONS: "--color=always", PATH: `${old}:${process.env.PATH}` };
    const found = await new LocalHost(shell, coloured).run(FIND_PROCESSES, {
      node: manager.node,
      home: manager.home,
    });
    expect(found).toMatchObject({ code: 0, stdout: `${(await standIn.pids())[0]}\n` });
  });

  test("what a login's start files have a shell hand on does not change how a script is read", async () => {
    await start();
    // Debian's bash on a socket reads bash.bashrc, which nounset ends, unless it is below another shell.
    for (const SHELLOPTS of ["noglob:nounset", "errexit:noclobber"]) {
      const found = await new LocalHost("bash", { SHELLOPTS, SHLVL: "2" }).run(FIND_PROCESSES, {
        node: manager.node,
        home: manager.home,
      });
      expect(found).toMatchObject({ code: 0, stdout: `${(await standIn.pids())[0]}\n`, stderr: "" });
    }
  });

  test("a stop that exits 1 but stops is a stop", async () => {
    await start();
    await standIn.manner("lies");
    expect(await stop()).toMatchObject({ code: 0, stdout: expect.stringContaining("gone") });
  });

  test.each(["ignores", "hangs"])(
    "a stop that %s is reported within its limit, and nothing is killed",
    async (how) => {
      await start();
      await standIn.manner(how);
      const { code, stdout } = await stop(1);
      const [pid] = await standIn.pids();
      expect(pid).toBeDefined();
      expect(code).toBe(1);
      expect(stdout).toContain(
        `${manager.node} still runs 1 s after '${manager.home}/bin/leo_manager stop': process ${pid} on`,
      );
      expect(stdout).toContain("Nothing was killed");
      expect(await standIn.journal()).toEqual([`stop.${manager.node}.begun`]);
    },
  );

  test.each(["exits 0", "hangs"])(
    "a start that %s and does not come up is reported within its limit",
    async (how) => {
      await standIn.manner(how);
      const { code, stdout } = await start("", 1);
      expect(code).toBe(1);
      expect(stdout).toContain(
        `${manager.node} did not start: no beam process with -name ${manager.node} on`,
      );
      expect(stdout).toContain(`${manager.home}/log/erlang.log.*`);
    },
  );

  test("what the control script said is part of the report, and what it started keeps nothing of it open", async () => {
    await standIn.manner("refuses");
    const said =
      /'.*\/bin\/leo_manager (start|stop)'.* It said: .*cannot create pid file: Permission denied$/m;
    expect(await start("", 1)).toMatchObject({ code: 1, stdout: expect.stringMatching(said) });
    await standIn.manner("");
    await start();
    const [pid] = await standIn.pids();
    const open = await Promise.all(
      (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`)),
    );
    expect(open.filter((file) => file.endsWith("(deleted)"))).toEqual([]);
    await standIn.manner("refuses");
    expect(await stop(1)).toMatchObject({ code: 1, stdout: expect.stringMatching(said) });
  });

  test("whose role cannot be read it does not guess: a slave that comes first never makes a pair", async () => {
    const first = () => host().run(START, limited(startValues(manager, { only: "master" }), 10));
    expect(await first()).toMatchObject({ code: 1, stdout: expect.stringContaining("cannot read") });
    await writeFile(join(manager.home, "etc/app.config"), "[{leo_manager,[{manager_mode, slave}]}].\n");
    expect(await first()).toMatchObject({ code: 0, stdout: expect.stringContaining("is not the master") });
    expect(await standIn.asked()).toEqual([]);
    await writeFile(join(manager.home, "etc/app.config"), "[{leo_manager,[{manager_mode, master}]}].\n");
    expect(await first()).toMatchObject({ code: 0, stdout: expect.stringContaining("runs") });
  });

  test("a manager that came up with another partner is reported, with what it was started with", async () => {
    const config = join(manager.home, "etc/app.config");
    await writeFile(config, "[{leo_manager,\n [{manager_partners,\n  ['old@x']},{x,1}]}].\n");
    const { code, stdout } = await start("new@x");
    expect(code).toBe(1);
    expect(stdout).toContain("runs, but with another partner than new@x");
    expect(stdout).toMatch(/It says: manager_partners,\s*\['old@x'\]/);
    await writeFile(config, "[{leo_manager,[{manager_partners,['new@x']}]}].\n");
    expect(await start("new@x")).toMatchObject({ code: 0 });
    expect(await start("new@xy")).toMatchObject({ code: 1 });
  });

  test("one that runs with what was generated before its conf was changed is started again", async () => {
    const config = join(manager.home, "etc/app.config");
    await writeFile(config, "[{leo_manager,[{manager_partners,['old@x']}]}].\n");
    expect(await start()).toMatchObject({ code: 0 });
    const [first] = await standIn.pids();
    // A conf may end without a newline, and the files of leo_manager.d come after it.
    await writeFile(home.conf, (await readFile(home.conf, "utf8")).trimEnd());
    await mkdir(join(manager.home, "etc/leo_manager.d"));
    await writeFile(join(manager.home, "etc/leo_manager.d/20-partner.conf"), "manager.partner = new@x");
    const { stdout } = await start("new@x");
    expect(stdout).toContain("stopped, to be started again");
    expect((await standIn.pids())[0]).not.toBe(first);
    expect(await standIn.asked()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^stop /), expect.stringMatching(/^start /)]),
    );
    await writeFile(config, "[{leo_manager,[{manager_partners,['new@x']}]}].\n");
    const [second] = await standIn.pids();
    expect(await start("new@x")).toMatchObject({ code: 0 });
    expect(await standIn.pids()).toEqual([second]);
  });

  test("a stop that the recovery went past is not made again", async () => {
    await start();
    await mkdir(join(home.incident, "journal"));
    await writeFile(join(home.incident, "journal", "clear.x.done"), "{}");
    const { code, stdout } = await stop(10, "clear.x.done");
    expect(code).toBe(0);
    expect(stdout).toContain("left as it is");
    expect(await standIn.pids()).toHaveLength(1);
    expect(await stop(10, "clear.y.done")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("gone"),
    });
  });

  test("an incident directory that cannot be written is said, and stops no stop", async () => {
    await start();
    await writeFile(join(home.incident, "journal"), "a file in the way");
    const { code, stderr } = await stop();
    expect(code).toBe(0);
    expect(stderr).toContain(`the journal in ${home.incident} could not be written`);
  });

  test("the same as one line of a login shell, as @pulumi/command runs it", async () => {
    const line = commandOf(START, limited(startValues(manager), 10));
    expect(execFileSync(shell, ["-c", line], { encoding: "utf8" })).toContain(`${manager.node} runs`);
    const args = limited(stopValues(manager, { noting: notingIn(home.incident) }), 10);
    expect(execFileSync(shell, ["-c", commandOf(STOP, args)], { encoding: "utf8" })).toContain("gone");
  });

  test("the user is the one of the conf directory's leo_manager.environment", async () => {
    const environment = join(manager.home, "etc/leo_manager.environment");
    await writeFile(environment, `# x\nexport RUNNER_USER="${manager.runAs}"\n`);
    const { runAs: _, ...unsaid } = manager;
    const result = await host().run(START, limited(startValues(unsaid), 10));
    expect(result).toMatchObject({ code: 0 });
    expect(await standIn.asked()).toEqual([`start as ${manager.runAs}`]);
  });
});
