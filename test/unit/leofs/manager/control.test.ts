import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { notingIn } from "../../../../leofs/incident/journal";
import { START, STOP, startValues, stopValues } from "../../../../leofs/manager/control";
import { lookAtManager } from "../../../../leofs/manager/hostManager";
import { FIND_PROCESSES } from "../../../../leofs/manager/processes";
import type { ManagerSpec } from "../../../../leofs/names";
import type { Values } from "../../../../remote/script";
import { commandOf } from "../../../../remote/script";
import { cleanUp, fakeHome, temporary } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { shells as shellsOfMachine } from "../../support/shells";

/**
 * A stand-in for bin/leo_manager: `start` starts a process that the process table shows as an Erlang VM of that
 * node, `stop` ends it. The file `manner` in the home says how it misbehaves.
 */
const SCRIPT = (node: string) => `#!/bin/bash
home=$(cd "$(dirname "$0")/.." && pwd)
manner=$(cat "$home/manner" 2>/dev/null)
echo "$1 as $(id -un)" >> "$home/asked"
case "$1 $manner" in
  "start exits 0") exit 0 ;;
  "start refuses"|"stop refuses") echo "$0: cannot create pid file: Permission denied" >&2; exit 0 ;;
  "stop hangs"|"start hangs") echo $$ >> "$home/pids"; exec -a "$1 of ${node}" sleep 120 ;;
  "start slow") setsid "$0" console >/dev/null 2>&1 </dev/null & sleep 0.1 ;;
  "console slow") echo $$ >> "$home/pids"; until [ -e "$home/go" ]; do sleep 0.05; done; rm "$home/manner"; exec "$0" start ;;
  "start "*)
    fifo=$home/fifo
    [ -p "$fifo" ] || mkfifo "$fifo"
    # The process ends by itself after two minutes, whatever becomes of the test.
    setsid bash -c 'trap "" HUP; exec -a "$1/erts-11.1.8/bin/beam.smp" bash -c "read -r -t 120 line <> \\"$1/fifo\\"" -- -root "$1" -name "$2" -setcookie x' \\
      - "$home" ${node} >/dev/null 2>&1 </dev/null &
    echo $! >> "$home/pids" ;;
  "stop ignores") exit 0 ;;
  "stop comes back")
    echo x > "$home/fifo"; sleep 0.2; rm "$home/manner"; "$0" start ;;
  "stop lies") echo x > "$home/fifo"; exit 1 ;;
  "stop "*) echo x > "$home/fifo"; exit 0 ;;
esac
`;

let home: Awaited<ReturnType<typeof fakeHome>>;
let manager: ManagerSpec;

cleanUp();
beforeEach(async () => {
  home = await fakeHome(`manager_${process.pid}`);
  ({ manager } = home);
  await writeFile(join(manager.home, "bin/leo_manager"), SCRIPT(manager.node));
  await chmod(join(manager.home, "bin/leo_manager"), 0o755);
  await mkdir(home.incident);
});
/** Ends the processes that the stand-in started, by the process ids it noted. */
afterEach(async () => {
  const noted = await readFile(join(manager.home, "pids"), "utf8").catch(() => "");
  for (const pid of noted.split("\n").filter(Boolean)) {
    const line = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
    if (line.includes(manager.node) || line.includes(manager.home)) process.kill(Number(pid), "SIGKILL");
  }
});

const lock = {
  get path() {
    return join(manager.home, "work", "leofs-recovery.lock");
  },
  incident: "production/one",
  breaks: "'rm -f /other/lock' on 10.0.0.12",
};
const manner = (text: string) => writeFile(join(manager.home, "manner"), text);
const asked = async () =>
  (await readFile(join(manager.home, "asked"), "utf8").catch(() => "")).split("\n").slice(0, -1);
const journal = async () => (await readdir(join(home.incident, "journal")).catch(() => [])).sort();
const pids = async () => {
  const { stdout } = await new LocalHost().run(FIND_PROCESSES, { node: manager.node, home: manager.home });
  return stdout.split("\n").filter(Boolean);
};

/** A process that looks like this command line; ended with the test's others. */
async function pretend(...line: string[]): Promise<void> {
  const [argv0, ...args] = line;
  const { pid } = spawn(process.execPath, ["-e", "setTimeout(() => {}, 120_000)", "--", ...args], {
    argv0,
    detached: true,
    stdio: "ignore",
  });
  await appendFile(join(manager.home, "pids"), `${pid}\n`);
}

/** Values with another limit than the ones that are made for real managers. */
const limited = (values: Values, limit: number): Values => ({ ...values, limit });
/** A shell as one program: busybox is told which of its programs it is by a word. */
const programs = mkdtempSync(join(tmpdir(), "leofs-recovery-shells-"));
afterAll(() => rmSync(programs, { recursive: true, force: true }));
const shells = shellsOfMachine.map(({ name, command }) => {
  const program = join(programs, name);
  writeFileSync(program, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`, { mode: 0o755 });
  return { name, shell: program };
});

describe.each(shells)("in $name", ({ shell }) => {
  const host = () => new LocalHost(shell);
  const stop = (seconds = 10, past = "") =>
    host().run(STOP, limited(stopValues(manager, { noting: notingIn(home.incident), past }), seconds));
  const start = (partner = "", seconds = 10) =>
    host().run(START, limited(startValues(manager, { partner }), seconds));

  test("start brings it up, once, and stop takes it down, once", async () => {
    const started = await start();
    const [pid] = await pids();
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
    expect(await pids()).toEqual([]);
    expect(await stop()).toMatchObject({ code: 0, stdout: expect.stringContaining("is down already") });
    expect(await asked()).toEqual([`start as ${manager.runAs}`, `stop as ${manager.runAs}`]);
  });

  describe("as a step of a recovery", () => {
    const checked = async (good: 0 | 1) => {
      await mkdir(join(home.incident, "journal"), { recursive: true });
      const nodes = [manager.node, "other@10.0.0.12"];
      const noted = { good, master: 0, why: 'said "so"', nodes, schema: "s", gone: [], method: "offline" };
      await writeFile(join(home.incident, "journal", "guard.done"), JSON.stringify(noted));
    };
    const stopAs = (side: "good" | "other") =>
      host().run(STOP, limited(stopValues(manager, { noting: notingIn(home.incident), side }), 10));

    test.each([
      ["good", 0],
      ["other", 1],
    ] as const)("the one that is %s is stopped where the check said so", async (side, good) => {
      await start();
      await checked(good);
      expect(await stopAs(side)).toMatchObject({ code: 0, stdout: expect.stringContaining("gone (") });
    });

    test.each([
      ["good", 1, "other@10.0.0.12 has the data, and manager_"],
      ["other", 0, "has the data, and other@10.0.0.12 is made from it"],
    ] as const)("one that the check saw otherwise than as %s runs on", async (side, good, said) => {
      await start();
      const running = await pids();
      await checked(good);
      const { code, stdout } = await stopAs(side);
      expect([code, stdout]).toEqual([1, expect.stringContaining(`begun otherwise: `)]);
      expect(stdout).toContain(said);
      expect(await pids()).toEqual(running);
    });

    test("one that was not checked runs on", async () => {
      await start();
      const running = await pids();
      const { code, stdout } = await stopAs("good");
      expect([code, stdout]).toEqual([1, expect.stringContaining("was not checked for this incident")]);
      expect(await pids()).toEqual(running);
    });

    test("one whose files the recovery did not make ready is not started, until it is proven", async () => {
      const ready = `clear.${manager.node}.done`;
      const startStep = () =>
        host().run(START, limited(startValues(manager, { incident: home.incident, ready }), 10));
      await checked(0);
      const { code, stdout } = await startStep();
      expect([code, stdout]).toEqual([1, expect.stringContaining(`those of this recovery (${ready})`)]);
      expect(await asked()).toEqual([]);
      for (const name of [ready, "proven.done"]) {
        const file = join(home.incident, "journal", name);
        await writeFile(file, "{}");
        expect(await startStep()).toMatchObject({ code: 0 });
        await rm(file);
      }
    });

    test.each(["damaged", '{"good":1,"master":0,"why":"w","nod', '{"at":"2026-11-22T03:00:00.000Z"}'])(
      "one whose check noted %s, which says nothing of whose data is good, runs on",
      async (noted) => {
        await start();
        const running = await pids();
        await checked(1);
        await writeFile(join(home.incident, "journal", "guard.done"), noted);
        const { code, stdout } = await stopAs("good");
        expect([code, stdout]).toEqual([1, expect.stringContaining("is not as it was noted")]);
        expect(await pids()).toEqual(running);
      },
    );

    test("one whose check version 0.1.0 noted, without the managers' names, is stopped", async () => {
      await start();
      await checked(1);
      await writeFile(join(home.incident, "journal", "guard.done"), '{"good":1,"master":0,"why":"w"}');
      expect(await stopAs("good")).toMatchObject({ code: 0 });
    });
  });

  describe("while somebody holds the manager's lock", () => {
    const holds = async (incident: string) => {
      await mkdir(join(manager.home, "work"), { recursive: true });
      const holder = {
        incident,
        run: "r",
        who: "eve@desk",
        from: "/leofs",
        stack: "acme/leofs/prod",
        pid: 7,
        since: "2026-11-22T03:00:00.000Z",
      };
      // Taken over once: the last file of the chain tells who holds it.
      await writeFile(lock.path, `aa\n${JSON.stringify({ ...holder, incident: "production/past" })}\n`);
      await writeFile(`${lock.path}.aa.next`, `bb\n${JSON.stringify(holder)}\n`);
    };
    const tryStop = () =>
      host().run(STOP, limited(stopValues(manager, { noting: notingIn(home.incident), lock }), 10));
    const tryStart = () => host().run(START, limited(startValues(manager, { lock }), 10));

    test("another recovery's: nothing is stopped or started, and it is said whose it is", async () => {
      await holds("production/other");
      await start();
      const running = await pids();
      for (const trial of [tryStop, tryStart])
        expect(await trial()).toMatchObject({
          code: 1,
          stdout: expect.stringMatching(
            /^Another recovery works on this pair: eve@desk \(stack acme\/leofs\/prod in \/leofs\), incident production\/other, since 2026-11-22T03:00:00.000Z\. Nothing was done to .*\n.*'rm -f \/.*\/work\/leofs-recovery.lock' on .* and 'rm -f \/other\/lock' on 10\.0\.0\.12 and try again/,
          ),
        });
      expect(await pids()).toEqual(running);
      expect(await journal()).toEqual([]);
    });

    test("one that cannot be read: nothing is stopped, and it is said which file to look at", async () => {
      await holds("production/one");
      // Root, who may run this test, reads a file of any mode: this one ends before its holder.
      await writeFile(lock.path, "aa\n");
      await start();
      const running = await pids();
      expect(await tryStop()).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(
          /cannot read .*leofs-recovery\.lock on .*Nothing was done to .*\n.*'ls -l /,
        ),
      });
      expect(await pids()).toEqual(running);
    });

    test("its own incident's: it goes on", async () => {
      await holds("production/one");
      await start();
      expect(await tryStop()).toMatchObject({ code: 0, stdout: expect.stringContaining("stopped") });
      expect(await tryStart()).toMatchObject({ code: 0, stdout: expect.stringContaining("runs") });
    });
  });

  test("a stop notes when it began and that it is done; a stop of what is down notes nothing", async () => {
    await stop();
    expect(await journal()).toEqual([]);
    await start();
    await stop();
    expect(await journal()).toEqual([`stop.${manager.node}.begun`, `stop.${manager.node}.done`]);
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
    await manner("slow");
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
    expect(await pids()).toHaveLength(1);
    expect(await asked()).toEqual(["start", "console", "start"].map((verb) => `${verb} as ${manager.runAs}`));
  });

  test("a start under way that brings nothing is reported, and no second one is made", async () => {
    await manner("slow");
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
    await pretend(`${home}/bin/beam.smp`, "-root", home, "-noshell", "-run", "escript", "start", ...tool);
    expect(await pids()).toEqual([]);
    expect(await stop()).toMatchObject({ code: 0, stdout: expect.stringContaining("is down already") });
    expect(await start()).toMatchObject({ code: 0, stdout: expect.stringContaining("leo_manager start)") });
    expect(await pids()).toHaveLength(1);
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
    expect(found).toMatchObject({ code: 0, stdout: `${(await pids())[0]}\n` });
  });

  test("what a login's start files have a shell hand on does not change how a script is read", async () => {
    await start();
    for (const SHELLOPTS of ["noglob:nounset", "errexit:noclobber"]) {
      const found = await new LocalHost("bash", { SHELLOPTS }).run(FIND_PROCESSES, {
        node: manager.node,
        home: manager.home,
      });
      expect(found).toMatchObject({ code: 0, stdout: `${(await pids())[0]}\n`, stderr: "" });
    }
  });

  test("a stop that exits 1 but stops is a stop", async () => {
    await start();
    await manner("lies");
    expect(await stop()).toMatchObject({ code: 0, stdout: expect.stringContaining("gone") });
  });

  test.each(["ignores", "hangs"])(
    "a stop that %s is reported within its limit, and nothing is killed",
    async (how) => {
      await start();
      await manner(how);
      const { code, stdout } = await stop(1);
      const [pid] = await pids();
      expect(pid).toBeDefined();
      expect(code).toBe(1);
      expect(stdout).toContain(
        `${manager.node} still runs 1 s after '${manager.home}/bin/leo_manager stop': process ${pid} on`,
      );
      expect(stdout).toContain("Nothing was killed");
      expect(await journal()).toEqual([`stop.${manager.node}.begun`]);
    },
  );

  test.each(["exits 0", "hangs"])(
    "a start that %s and does not come up is reported within its limit",
    async (how) => {
      await manner(how);
      const { code, stdout } = await start("", 1);
      expect(code).toBe(1);
      expect(stdout).toContain(
        `${manager.node} did not start: no beam process with -name ${manager.node} on`,
      );
      expect(stdout).toContain(`${manager.home}/log/erlang.log.*`);
    },
  );

  test("what the control script said is part of the report, and what it started keeps nothing of it open", async () => {
    await manner("refuses");
    const said =
      /'.*\/bin\/leo_manager (start|stop)'.* It said: .*cannot create pid file: Permission denied$/m;
    expect(await start("", 1)).toMatchObject({ code: 1, stdout: expect.stringMatching(said) });
    await manner("");
    await start();
    const [pid] = await pids();
    const open = await Promise.all(
      (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`)),
    );
    expect(open.filter((file) => file.endsWith("(deleted)"))).toEqual([]);
    await manner("refuses");
    expect(await stop(1)).toMatchObject({ code: 1, stdout: expect.stringMatching(said) });
  });

  test("whose role cannot be read it does not guess: a slave that comes first never makes a pair", async () => {
    const first = () => host().run(START, limited(startValues(manager, { only: "master" }), 10));
    expect(await first()).toMatchObject({ code: 1, stdout: expect.stringContaining("cannot read") });
    await writeFile(join(manager.home, "etc/app.config"), "[{leo_manager,[{manager_mode, slave}]}].\n");
    expect(await first()).toMatchObject({ code: 0, stdout: expect.stringContaining("is not the master") });
    expect(await asked()).toEqual([]);
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
    const [first] = await pids();
    // A conf may end without a newline, and the files of leo_manager.d come after it.
    await writeFile(home.conf, (await readFile(home.conf, "utf8")).trimEnd());
    await mkdir(join(manager.home, "etc/leo_manager.d"));
    await writeFile(join(manager.home, "etc/leo_manager.d/20-partner.conf"), "manager.partner = new@x");
    const { stdout } = await start("new@x");
    expect(stdout).toContain("stopped, to be started again");
    expect((await pids())[0]).not.toBe(first);
    expect(await asked()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^stop /), expect.stringMatching(/^start /)]),
    );
    await writeFile(config, "[{leo_manager,[{manager_partners,['new@x']}]}].\n");
    const [second] = await pids();
    expect(await start("new@x")).toMatchObject({ code: 0 });
    expect(await pids()).toEqual([second]);
  });

  test("a stop that the recovery went past is not made again", async () => {
    await start();
    await mkdir(join(home.incident, "journal"));
    await writeFile(join(home.incident, "journal", "clear.x.done"), "{}");
    const { code, stdout } = await stop(10, "clear.x.done");
    expect(code).toBe(0);
    expect(stdout).toContain("left as it is");
    expect(await pids()).toHaveLength(1);
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
    expect(await asked()).toEqual([`start as ${manager.runAs}`]);
  });
});

describe("the process table", () => {
  test("shows this node's VM only: no other node, no command that mentions it", async () => {
    const host = new LocalHost();
    await host.run(START, limited(startValues(manager), 10));
    expect(await pids()).toHaveLength(1);
    for (const node of [manager.node.slice(0, -1), manager.node.replaceAll(".", "x")])
      expect((await host.run(FIND_PROCESSES, { node, home: manager.home })).stdout).toBe("");
  });

  /** A VM of that node in a root directory of its own, as in a container; as root only. */
  async function contained(commands: string): Promise<void> {
    const root = join(home.incident, "root");
    const within = `
      mount --make-rprivate / && mount -t tmpfs x "$1" && cd "$1" && mkdir -p usr "./$2"
      mount --rbind /usr usr && ln -s usr/bin usr/lib usr/lib64 . && ${commands}
      mkfifo fifo && exec chroot . bash -c 'exec -a "$1/erts-11.1.8/bin/beam.smp" bash -c "read -r -t 120 line <> /fifo" -- -root "$1" -name "$2"' - "$2" "$3"`;
    await mkdir(root);
    const args = ["-m", "sh", "-c", within, "-", root, manager.home, manager.node];
    const { pid } = spawn("unshare", args, { detached: true, stdio: "ignore" });
    await appendFile(join(manager.home, "pids"), `${pid}\n`);
    await vi.waitFor(
      () => expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toMatch(/^\/[^\0]*beam\.smp\0/),
      10_000,
    );
  }

  test.runIf(process.getuid?.() === 0)(
    "a VM of that name in a container on this host is another node",
    async () => {
      await contained("true");
      expect(await pids()).toEqual([]);
    },
  );

  test.runIf(process.getuid?.() === 0)("unless the container has this very home", async () => {
    await contained('mount --bind "$2" "./$2"');
    expect(await pids()).toHaveLength(1);
  });

  test("a supervisor above the VM is named, since it may start it again", async () => {
    const supervisor = join(await temporary(), "supervisord");
    await symlink(execFileSync("sh", ["-c", "command -v bash"], { encoding: "utf8" }).trim(), supervisor);
    const text =
      '(exec -a "$1/erts-1/bin/beam.smp" "$2" -e "setTimeout(() => {}, 120000)" -- -name "$3") & echo $! >> "$1/pids"; wait';
    const words = ["-c", text, "-", manager.home, process.execPath, manager.node];
    const { pid } = spawn(supervisor, words, { detached: true, stdio: "ignore" });
    await appendFile(join(manager.home, "pids"), `${pid}\n`);
    await vi.waitUntil(async () => (await pids()).length > 0, 10_000);
    const { facts } = await lookAtManager(new LocalHost(), home.manager, home.incident);
    expect(facts.supervisor).toEqual({ pid, name: "supervisord" });
  });

  test("a VM that runs from another home of this host counts, and the look says where from", async () => {
    const elsewhere = await temporary();
    await mkdir(join(elsewhere, "bin"));
    await writeFile(join(elsewhere, "bin/leo_manager"), "", { mode: 0o755 });
    await pretend(`${elsewhere}/erts-11.1.8/bin/beam.smp`, "-root", elsewhere, "-name", manager.node);
    expect(await pids()).toHaveLength(1);
    expect((await lookAtManager(new LocalHost(), home.manager, home.incident)).facts.runsFrom).toBe(
      elsewhere,
    );
  });
});
