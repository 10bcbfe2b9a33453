import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { machineClock } from "../../remote/clock";
import { acquireLock, allLocked, LockedError, lockedBy } from "../../remote/lock/lock";
import { describeHolder, type LockHolder, type LockOwner } from "../../remote/lock/lockOwner";
import { closeAll, connect } from "../../remote/ssh/pool";
import type { SshHost } from "../../remote/ssh/sshHost";
import { sh } from "../support/shell";
import { eventually, type Server, startServer } from "./sshd";

let server: Server;
let host: SshHost;
let path: string;
const rivals: ChildProcess[] = [];

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const rival of rivals.splice(0)) rival.kill("SIGKILL");
  closeAll();
  rmSync(join(server.directory, "locks"), { recursive: true, force: true });
});

let run = 0;
const owner = (incident = "outage-1"): LockOwner => ({
  incident,
  run: `run-${process.pid}-${run++}`,
  stack: "prod",
});
const begin = () => {
  host = connect(server.connection);
  path = join(server.directory, "locks", "it's a lock");
};
const files = () =>
  existsSync(join(server.directory, "locks")) ? readdirSync(join(server.directory, "locks")) : [];

/** Makes the last sign of life of a lock file an hour old, by the host's clock. */
const age = (file: string) => utimesSync(file, Date.now() / 1000 - 3600, Date.now() / 1000 - 3600);

/** A process of its own that says `ready`, tries to take the lock when told, and says how it went. */
async function rival(incident: string, options: object = {}, clockMs = 0) {
  const text = `
    const clock = Date.now;
    Date.now = () => clock() + ${clockMs};
    const { acquireLock } = require("./remote/lock/lock");
    const { connect } = require("./remote/ssh/pool");
    const { sh } = require("./test/support/shell");
    const [args, path, incident, options] = JSON.parse(process.argv[1]);
    const host = connect(args);
    const lines = require("node:readline").createInterface({ input: process.stdin });
    host.run(sh("true")).then(() => console.log("ready"));
    let lock;
    lines.on("line", async (run) => {
      try {
        if (run === "free") {
          await lock?.release();
          lock = undefined;
          console.log("freed");
        } else {
          lock = await acquireLock(host, path, { incident, run }, options);
          console.log("held");
        }
      } catch (error) { console.log(error.name + " " + error.message); }
    });`;
  const words = JSON.stringify([server.connection, path, incident, options]);
  const process_ = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", text, words], {
    cwd: join(__dirname, "../.."),
    stdio: ["pipe", "pipe", "inherit"],
  });
  rivals.push(process_);
  const lines = createInterface({ input: process_.stdout! })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  expect(await next()).toBe("ready");
  const tell = (word: string) => {
    process_.stdin!.write(`${word}\n`);
    return next();
  };
  return { process: process_, attempt: () => tell(`run-${process_.pid}-${run++}`), free: () => tell("free") };
}

/** The holder that the last file of the chain names. */
const holderNow = async () => (await lockedBy(host, path, owner("nobody's")))?.places[0].holder;

/** A process takes the lock for outage-1, begins a script on the host and is killed. */
async function deadRun(script: string): Promise<number> {
  const text = `
    const { acquireLock } = require("./remote/lock/lock");
    const { connect } = require("./remote/ssh/pool");
    const { sh } = require("./test/support/shell");
    const { RUN } = require("./remote/work");
    const [args, path, script] = JSON.parse(process.argv[1]);
    const host = connect(args);
    acquireLock(host, path, { incident: "outage-1", run: RUN }).then(() => {
      host.run(sh(script));
      return host.run(sh("sleep 0.3"));
    }).then(() => console.log("begun"));`;
  const words = JSON.stringify([server.connection, path, script]);
  const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", text, words], {
    cwd: join(__dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve) => child.stdout!.once("data", () => resolve()));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  return child.pid!;
}

describe("a lock on a host", () => {
  it("is held by one, tells who, and is gone without a trace when given back", async () => {
    begin();
    const lock = await acquireLock(host, path, owner());
    await lock.verify();
    const refused = await acquireLock(host, path, owner()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LockedError);
    expect(refused).toMatchObject({
      places: [{ path, holder: { incident: "outage-1", pid: process.pid, stack: "prod" } }],
    });
    expect((refused as Error).message).toContain(
      `process ${process.pid} of this machine, stack prod in ${process.cwd()})`,
    );
    expect((refused as Error).message).toContain(`rm ${path}`);
    await lock.release();
    await lock.release();
    expect(files()).toEqual([]);
    await (await acquireLock(host, path, owner("another"))).release();
  });

  it("shows beforehand who would be refused, and leaves no trace of that", async () => {
    begin();
    const me = owner();
    expect(await lockedBy(host, path, me)).toBeUndefined();
    expect(files()).toEqual([]);
    const lock = await acquireLock(host, path, me);
    expect(await lockedBy(host, path, me)).toBeUndefined();
    const held = files();
    const refused = await lockedBy(host, path, owner("another"));
    expect(refused).toMatchObject({ places: [{ path, holder: { incident: "outage-1", pid: process.pid } }] });
    expect(refused?.message).toContain(`rm ${path}`);
    expect(files()).toEqual(held);
    await lock.release();
    expect(await lockedBy(host, path, owner("another"))).toBeUndefined();
  });

  it("is granted again to the same run, and free when the last part of it gave it back", async () => {
    begin();
    const me = owner();
    const parts = await Promise.all([1, 2, 3].map(() => acquireLock(host, path, me)));
    await parts[0]!.release();
    await parts[0]!.release();
    await parts[1]!.release();
    await expect(acquireLock(host, path, owner())).rejects.toThrow(LockedError);
    await parts[2]!.release();
    expect(files()).toEqual([]);
  });

  it("is not granted to the same run for another incident: two clusters of one program may name one manager", async () => {
    begin();
    const mine = owner();
    const lock = await acquireLock(host, path, mine);
    const other = { ...mine, incident: "outage-2" };
    expect(await lockedBy(host, path, other)).toBeInstanceOf(LockedError);
    await expect(acquireLock(host, path, other)).rejects.toThrow(LockedError);
    await lock.verify();
    await lock.release();
    expect(files()).toEqual([]);
  });

  it("of a killed run is taken over by the same incident at once, by another never", async () => {
    begin();
    const first = await rival("outage-1");
    expect(await first.attempt()).toBe("held");
    await expect(acquireLock(host, path, owner("outage-1"))).rejects.toThrow(LockedError);
    const ended = new Promise((resolve) => first.process.once("exit", resolve));
    first.process.kill("SIGKILL");
    await ended;
    await expect(acquireLock(host, path, owner("outage-2"))).rejects.toThrow(LockedError);
    const lock = await acquireLock(host, path, owner("outage-1"));
    await expect(acquireLock(host, path, owner("outage-1"))).rejects.toThrow(LockedError);
    await lock.release();
    expect(files()).toEqual([]);
  });

  it.skipIf(!existsSync("/proc/self/stat"))(
    "of a killed run is taken over although another process has its number by now",
    async () => {
      begin();
      const holder = describeHolder(owner("outage-1"), machineClock);
      const write = async (of: LockHolder) => {
        await host.run(sh('mkdir -p "$(dirname "$1")"; printf "%s\\n" aa "$2" >"$1"'), {
          list: [path, JSON.stringify(of)],
        });
      };
      await write(holder);
      await expect(acquireLock(host, path, owner("outage-1"))).rejects.toThrow(LockedError);
      await write({ ...holder, started: "1" });
      await expect(acquireLock(host, path, owner("outage-2"))).rejects.toThrow(LockedError);
      await (await acquireLock(host, path, owner("outage-1"))).release();
      expect(files()).toEqual([]);
    },
  );

  it("without a sign of life is taken over by the same incident, and its old holder learns of it", async () => {
    begin();
    let lost: Error | undefined;
    const quiet = await acquireLock(host, path, owner(), {
      refreshMs: 600_000,
      onLost: (error) => {
        lost = error;
      },
    });
    age(path);
    await expect(acquireLock(host, path, owner("outage-2"))).rejects.toThrow(LockedError);
    const next = await acquireLock(host, path, owner());
    await expect(quiet.verify()).rejects.toThrow(/taken over/);
    expect(lost).toBeInstanceOf(Error);
    await quiet.release();
    await next.verify();
    await next.release();
    expect(files()).toEqual([]);
  });

  it.each([-3_600_000, 3_600_000])(
    "is judged by the host's clock: an operator's is %d ms off",
    async (clockMs) => {
      begin();
      const other = await rival("outage-1", {}, clockMs);
      const lock = await acquireLock(host, path, owner());
      expect(await other.attempt()).toMatch(/^LockedError /);
      await lock.release();
      expect(await other.attempt()).toBe("held");
      await expect(acquireLock(host, path, owner())).rejects.toThrow(LockedError);
      expect(await other.free()).toBe("freed");
    },
  );

  it("is kept fresh while it is held", async () => {
    begin();
    const lock = await acquireLock(host, path, owner(), { refreshMs: 50 });
    age(path);
    await eventually(() => statSync(path).mtimeMs > Date.now() - 600_000, "a sign of life");
    await expect(acquireLock(host, path, owner())).rejects.toThrow(LockedError);
    await lock.release();
  });

  it("that was broken by hand is lost for its holder, who then removes nothing of the next one's", async () => {
    begin();
    const broken = await acquireLock(host, path, owner());
    rmSync(path);
    const next = await acquireLock(host, path, owner("outage-2"));
    await expect(broken.verify()).rejects.toThrow(/taken over or removed/);
    await broken.release();
    await next.verify();
    await next.release();
    expect(files()).toEqual([]);
  });

  it("that was abandoned is gone at once, also while its process lives: what was left unfinished keeps others out", async () => {
    begin();
    const mine = await acquireLock(host, path, owner());
    await mine.abandon();
    const left = { unfinished: async () => "it stopped manager_1" };
    const another = { ...owner("outage-2"), run: "another" };
    await expect(acquireLock(host, path, another, left)).rejects.toThrow(
      /outage-1 was begun .* it stopped manager_1/,
    );
    const next = await acquireLock(host, path, { ...owner(), run: "next" });
    expect(next.gone.at(-1)).toMatchObject({ incident: "outage-1", ended: true });
    await expect(mine.verify()).rejects.toThrow(/taken over or removed/);
    await next.release();
    expect(files()).toEqual([]);
    await (await acquireLock(host, path, owner())).abandon();
    await (await acquireLock(host, path, another, { unfinished: async () => undefined })).release();
    expect(files()).toEqual([]);
  });

  it("that was abandoned by a run of the same incident with another directory is refused where that left something", async () => {
    begin();
    await (await acquireLock(host, path, { ...owner(), directory: "/backups/one" })).abandon();
    const left = { unfinished: async () => "its journal says clear" };
    const other = { ...owner(), run: "other", directory: "/elsewhere/one" };
    const said =
      /outage-1 was begun .* says clear\. .* another directory for it, \/elsewhere\/one, .* set backupDirectory as it was/;
    await expect(acquireLock(host, path, other, left)).rejects.toThrow(said);
    expect((await lockedBy(host, path, other, left))?.message).toMatch(said);
    await (await acquireLock(host, path, other, { unfinished: async () => undefined })).abandon();
    await (await acquireLock(host, path, { ...other, run: "next" }, left)).release();
    expect(files()).toEqual([]);
  });

  it("refuses what is no lock: a link, a directory, a file that says nothing", async () => {
    begin();
    await host.run(sh('mkdir -p "$(dirname "$1")"; ln -s /etc/hostname "$1"'), { list: [path] });
    await expect(acquireLock(host, path, owner())).rejects.toThrow(/not a plain file/);
    await host.run(sh('rm "$1"; mkdir "$1"'), { list: [path] });
    await expect(acquireLock(host, path, owner())).rejects.toThrow(/not a plain file/);
    rmSync(path, { recursive: true });
    writeFileSync(path, "what is this?\n");
    await expect(acquireLock(host, path, owner())).rejects.toThrow(/cannot be read/);
    expect(files()).toEqual(["it's a lock"]);
  });

  it("is taken by exactly one of two processes at once, free or stale, forty times", async () => {
    begin();
    const options = { refreshMs: 600_000 };
    const pair = await Promise.all([rival("outage-1", options), rival("outage-1", options)]);
    for (let round = 0; round < 40; round += 1) {
      if (round % 2 === 1) {
        // A stale lock of a holder that is no more: both may take it over, one must.
        await host.run(sh('mkdir -p "$(dirname "$1")"; printf "%s\\n" aa "$2" >"$1"'), {
          list: [
            path,
            JSON.stringify({ incident: "outage-1", run: "old", who: "x@y", machine: "z", pid: 1, since: "" }),
          ],
        });
        age(path);
      }
      const outcomes = await Promise.all(pair.map((one) => one.attempt()));
      expect(outcomes.filter((outcome) => outcome === "held")).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome.startsWith("LockedError"))).toHaveLength(1);
      for (const one of pair) await one.free();
      expect(files()).toEqual([]);
    }
  });

  it("names every file that would have to go, of all hosts at once", async () => {
    begin();
    const other = `${path} too`;
    const locks = [await acquireLock(host, path, owner()), await acquireLock(host, other, owner())];
    const refused = [
      await lockedBy(host, path, owner("another")),
      await lockedBy(host, other, owner("another")),
    ];
    const message = allLocked(refused.flatMap((one) => one ?? []))!.message;
    for (const one of [path, other]) expect(message).toContain(`\`rm ${one}\` on ${host.label}`);
    for (const lock of locks) await lock.release();
  });

  it("of a run that died is taken over once what it had begun on the host is over", async () => {
    begin();
    const done = join(server.directory, "done");
    const dead = await deadRun(`sleep 3; touch ${done}`);
    const lock = await acquireLock(host, path, owner());
    expect(existsSync(done)).toBe(true);
    expect(lock.gone).toMatchObject([{ pid: dead, incident: "outage-1" }]);
    await lock.release();
    expect(files()).toEqual([]);
  });

  it("of a run that died is not taken over while what it had begun goes on", async () => {
    begin();
    await deadRun("sleep 60");
    const next = acquireLock(host, path, owner(), { patienceMs: 100 });
    await expect(next).rejects.toThrow(/still runs.*process \d+/);
    const running = /\(process (\d+)/.exec(String(await next.catch(String)))![1]!;
    const children = readFileSync(`/proc/${running}/task/${running}/children`, "utf8").trim().split(" ");
    for (const pid of [running, ...children]) process.kill(Number(pid), "SIGKILL");
    await (await acquireLock(host, path, { ...owner(), run: (await holderNow())!.run })).release();
  });

  it("of another incident's dead run is free when that one left nothing unfinished, else says what", async () => {
    begin();
    await deadRun("true");
    const left = { unfinished: async () => "it stopped manager_1" };
    const refused = await acquireLock(host, path, owner("outage-2"), left).catch(
      (error: Error) => error.message,
    );
    expect(refused).toMatch(/incident outage-1 was begun on this pair and is not over: it stopped manager_1/);
    expect(refused).toContain(`rm ${path}`);
    await expect(acquireLock(host, path, owner("outage-2"))).rejects.toThrow(LockedError);
    const none = { unfinished: async () => undefined };
    expect(await lockedBy(host, path, owner("outage-2"), none)).toBeUndefined();
    await (await acquireLock(host, path, owner("outage-2"), none)).release();
    expect(files()).toEqual([]);
  });
});
