import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { script } from "../../../remote/script";
import { LocalHost } from "../support/localHost";

test("a process of ours is ended with what it started, also where ps is not there or is busybox's", async () => {
  const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-unit-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, "ps"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  const child = spawn("sh", ["-c", "sleep 120 & echo $!; wait"], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const started = await new Promise<number>((resolve) =>
    child.stdout.once("data", (pid: Buffer) => resolve(Number(pid.toString()))),
  );
  onTestFinished(() => {
    try {
      process.kill(started, "SIGKILL");
    } catch {
      // Gone, as it should be.
    }
  });
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  const host = new LocalHost("sh", { PATH: `${directory}:${process.env.PATH}` });
  await host.run(script("remote/scripts/kill-tree.sh"), { pid: child.pid });
  expect(await ended).toBe("SIGTERM");
  // Where nobody waits for it, it may stay as a zombie.
  const status = await readFile(`/proc/${started}/status`, "utf8").catch(() => "State:\tZ");
  expect(status).toMatch(/^State:\tZ/m);
});
