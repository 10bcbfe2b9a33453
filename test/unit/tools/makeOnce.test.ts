import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withLock } from "../../../tools/lock";
import { makeOnce } from "../../../tools/makeOnce";

let directory: string;
let holder: ChildProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-once-"));
});
afterEach(async () => {
  holder?.kill("SIGKILL");
  holder = undefined;
  await rm(directory, { recursive: true, force: true });
});

const target = () => join(directory, "cache", "thing");
/** Takes the lock in a process of its own, and says so; then it works, or hangs, until it is ended. */
async function startHolder(file: string): Promise<void> {
  const text = `require("proper-lockfile").lock(process.argv[1], { lockfilePath: process.argv[1], realpath: false })
    .then(() => { console.log("held"); setInterval(() => {}, 1000); })`;
  holder = spawn(process.execPath, ["-e", text, file], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => holder?.stdout?.once("data", resolve));
}

async function endHolder(): Promise<void> {
  const ended = new Promise((resolve) => holder?.once("exit", resolve));
  holder?.kill("SIGKILL");
  await ended;
}

/** As long ago as a killed holder's last sign of life would be after a minute. */
const aMinuteAgo = () => Date.now() / 1000 - 60;

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
    await mkdir(join(directory, "cache", ".staging-thing-old"), { recursive: true });
    await startHolder(`${target()}.lock`);
    await endHolder();
    await utimes(`${target()}.lock`, aMinuteAgo(), aMinuteAgo());
    await makeOnce(target(), async (staging) => writeFile(join(staging, "whole"), ""));
    expect(await readdir(join(directory, "cache"))).toEqual(["thing"]);
  });
});

describe("withLock", () => {
  const lock = () => join(directory, "lock");

  it("waits for a living holder, says so once, and goes on when that one is gone", async () => {
    await startHolder(lock());
    let waits = 0;
    let ran = false;
    const done = withLock(
      lock(),
      async () => {
        ran = true;
      },
      () => {
        waits += 1;
      },
    );
    await vi.waitFor(() => expect(waits).toBe(1), 10_000);
    expect(ran).toBe(false);
    await endHolder();
    await utimes(lock(), aMinuteAgo(), aMinuteAgo());
    await done;
    expect({ ran, waits }).toEqual({ ran: true, waits: 1 });
    expect(existsSync(lock())).toBe(false);
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
