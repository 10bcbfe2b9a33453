import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MAIN = join(__dirname, "../../../robustness/simulation/main.ts");
const HISTORIES = 1_000;

/**
 * A sample of what `npm run test:simulation` plays, with another seed at every run. In a process of its own, because
 * the simulation puts its model in the place of modules and clocks.
 */
test("random histories of recoveries: nothing lost, nothing done twice, no verdict untrue", async () => {
  const seed = process.env.SIMULATION_SEED ?? String(Date.now() % 1_000_000);
  const args = [
    "-r",
    "ts-node/register/transpile-only",
    MAIN,
    "--histories",
    String(HISTORIES),
    "--seed",
    seed,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(__dirname, "../../.."),
  }).catch((error: { stdout: string; stderr: string }) => ({ stdout: `${error.stdout}\n${error.stderr}` }));
  console.log(stdout);
  expect(stdout).toMatch(/nothing lost, nothing done twice/);
  expect(stdout).toContain(`${HISTORIES} histories in`);
}, 300_000);
