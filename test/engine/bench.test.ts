import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { comparison, timeline } from "../../bench/picture";
import { measure } from "../../bench/run";
import { SSHD, strike } from "../../bench/scene";
import { table } from "../../bench/table";
import { byHand } from "../../bench/ways/oneByOne";
import { Sandbox } from "../../sandbox";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-bench-"));
});
afterAll(async () => {
  await Sandbox.down(directory);
  await rm(directory, { recursive: true, force: true });
});

it("measures a recovery in place by hand: an outage between its start and its end, one login a host", async () => {
  const sandbox = await Sandbox.up({ directory, fast: true, sshd: SSHD, storages: 1 });
  const scene = await strike(sandbox, "in-place", 0);
  const figures = await measure(scene, byHand);
  await scene.end();
  expect(figures.outage).toBeGreaterThan(0);
  expect(figures.wall).toBeGreaterThan(figures.beforeStop);
  // One of the shell, and one of the copy from host to host.
  expect(figures.handshakes).toEqual([2, 1]);
  expect(figures.sessions[0] + figures.sessions[1]).toBe(figures.spans.length + 1);
  const titles = new Map([[byHand.name, byHand.title]]);
  const results = [{ case: "in-place" as const, way: byHand.name, round: 1, figures }];
  expect(table(results, titles)).toContain(`| ${byHand.title} | ${figures.outage.toFixed(1)} |`);
  expect(comparison(results, titles)).toContain(`outage ${figures.outage.toFixed(1)} s`);
  expect(timeline("by hand", figures.spans)).toContain("keep and clear: ");
});
