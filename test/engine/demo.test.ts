import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Sandbox } from "../../sandbox";
import type { Happened } from "../../sandbox/demo/story";
import { packageRoot } from "../../tools/paths";
import { remains } from "../sandbox/testSandbox";

const parent = mkdtempSync(join(tmpdir(), "leofs-demo-test-"));
const directory = join(parent, "demo");
const cluster = join(directory, "cluster");

afterAll(async () => {
  await Sandbox.down(cluster);
  await rm(parent, { recursive: true, force: true });
});

/** Runs the demo as `npm run demo` does; `watch` is told the screen each time it grows. */
function demo(args: readonly string[], watch: (screen: string, interrupt: () => void) => void = () => {}) {
  const child = spawn(
    process.execPath,
    [join(packageRoot(), "dist", "sandbox", "demo.js"), "--fast", "--directory", directory, ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let screen = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      screen += text;
      watch(screen, () => child.kill("SIGINT"));
    });
  return new Promise<{ code: number | null; screen: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, screen })),
  );
}

it("recovers, proves it, writes what happened, and leaves nothing", async () => {
  const json = join(parent, "happened.json");
  const { code, screen } = await demo(["--json", json]);
  expect(screen).toMatch(/^RECOVERED, nothing lost; outage [\d.]+ s\./m);
  expect(code).toBe(0);
  const happened = JSON.parse(readFileSync(json, "utf8")) as Happened;
  const { preview, up, again, destroy } = happened.runs;
  expect(preview?.changes).toEqual({ create: 15 });
  expect(up?.changes).toEqual({ create: 15 });
  expect(again?.changes).toEqual({ same: 15 });
  expect(destroy?.changes).toEqual({ delete: 15 });
  expect(happened).toMatchObject({ recovered: true, problems: [], outcome: { verdict: "recovered" } });
  expect(happened.before?.users.join()).toContain("since-user1");
  expect(screen.match(/STAND-IN/g) ?? []).toHaveLength(happened.plugin === "stand-in" ? 1 : 0);
  expect(screen).not.toContain("\x1b[");
  expect(screen).not.toContain("PRIVATE KEY");
  expect(existsSync(directory)).toBe(false);
  expect(await remains(cluster)).toEqual([]);
});

it("ends everything on Ctrl-C, in the middle of an up, and on a second one too, machines under systemd included", async () => {
  let sent = 0;
  const { code, screen } = await demo(["in-place", "--layout", "package"], (seen, interrupt) => {
    const wanted = seen.includes("checking the preconditions") ? (seen.includes("SIGINT:") ? 2 : 1) : 0;
    for (; sent < wanted; sent += 1) interrupt();
  });
  expect(screen).toContain("SIGINT again");
  expect(screen).toContain("ended; nothing is left");
  expect(code).toBe(130);
  expect(existsSync(directory)).toBe(false);
  expect(await remains(cluster)).toEqual([]);
});

it("exits 2 for a wrong command line, and does not touch a directory with something in it", async () => {
  expect((await demo(["--bogus"])).code).toBe(2);
  const taken = await demo(["--directory", join(packageRoot(), "docs")]);
  expect(taken.code).toBe(2);
  expect(taken.screen).toContain("is not empty");
});
