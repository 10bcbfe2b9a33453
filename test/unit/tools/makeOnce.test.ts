import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withLock } from "../../../tools/lock";
import { makeOnce } from "../../../tools/makeOnce";

let directory: string;
let sleeper: ChildProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-once-"));
});
afterEach(async () => {
  sleeper?.kill("SIGKILL");
  sleeper = undefined;
  await rm(directory, { recursive: true, force: true });
});

const target = () => join(directory, "cache", "thing");
const owner = (pid: number, more: object = {}) =>
  JSON.stringify({ host: hostname(), pid, started: "", since: Date.now(), ...more });

async function startSleeper(): Promise<number> {
  sleeper = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await new Promise((resolve) => sleeper?.once("spawn", resolve));
  return sleeper.pid ?? 0;
}

async function endSleeper(): Promise<void> {
  const ended = new Promise((resolve) => sleeper?.once("exit", resolve));
  sleeper?.kill("SIGKILL");
  await ended;
}

describe("makeOnce", () => {
  it("makes a thing once for all who want it at the same time, and never shows half of it", async () => {
    let made = 0;
    let seenHalf = false;
    const make = async (staging: string) => {
      made += 1;
      for (const name of ["one", "two", "three"]) {
        await writeFile(join(staging, name), name);
        seenHalf ||= existsSync(target());
      }
    };
    await Promise.all([1, 2, 3, 4, 5].map(() => makeOnce(target(), make)));
    expect({ made, seenHalf }).toEqual({ made: 1, seenHalf: false });
    expect(await readdir(join(directory, "cache"))).toEqual(["thing"]);
    expect((await readdir(target())).length).toBe(3);
  });

  it("leaves nothing behind when the making fails, and lets the next one try", async () => {
    const failing = makeOnce(target(), async (staging) => {
      await writeFile(join(staging, "half"), "");
      throw new Error("no compiler");
    });
    await expect(failing).rejects.toThrow("no compiler");
    expect(await readdir(join(directory, "cache"))).toEqual([]);
    await makeOnce(target(), async (staging) => writeFile(join(staging, "whole"), ""));
    expect(await readdir(target())).toEqual(["whole"]);
  });

  it("removes what a killed run left half made, and takes its lock", async () => {
    const pid = await startSleeper();
    await endSleeper();
    await mkdir(join(directory, "cache", ".staging-thing-old"), { recursive: true });
    await writeFile(`${target()}.lock`, owner(pid));
    await makeOnce(target(), async (staging) => writeFile(join(staging, "whole"), ""));
    expect(await readdir(join(directory, "cache"))).toEqual(["thing"]);
  });
});

describe("withLock", () => {
  const lock = () => join(directory, "lock");

  it("waits for a live owner, says once for whom, and goes on when that process is gone", async () => {
    const pid = await startSleeper();
    await writeFile(lock(), owner(pid));
    const waits: number[] = [];
    let ran = false;
    const done = withLock(
      lock(),
      async () => {
        ran = true;
      },
      (holder) => waits.push(holder),
    );
    await vi.waitFor(() => expect(waits).toEqual([pid]), 10_000);
    expect(ran).toBe(false);
    await endSleeper();
    await done;
    expect({ ran, waits }).toEqual({ ran: true, waits: [pid] });
    expect(existsSync(lock())).toBe(false);
  });

  it("knows a later process that got the same pid", async () => {
    const pid = await startSleeper();
    await writeFile(lock(), owner(pid, { started: "another boot 1" }));
    await expect(withLock(lock(), async () => "went on")).resolves.toBe("went on");
  });

  it("takes over a lock that says nothing, and one of another machine when it is old", async () => {
    await writeFile(lock(), "");
    await withLock(lock(), async () => {});
    await writeFile(lock(), owner(1, { host: "elsewhere", since: Date.now() - 31 * 60_000 }));
    await withLock(lock(), async () => {});
    expect(await readdir(directory)).toEqual([]);
  });

  it("does not remove a lock that somebody else holds by now", async () => {
    await withLock(lock(), async () => writeFile(lock(), owner(1)));
    expect(await readFile(lock(), "utf8")).toContain('"pid":1');
  });

  it("lets one at a time in", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await readdir(directory);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(lock(), work)));
    expect(most).toBe(1);
  });
});
