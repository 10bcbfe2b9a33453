import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MAIN = join(__dirname, "../../../robustness/simulation/main.ts");
const HISTORIES = 1_000;

/**
 * A sample of what `npm run test:simulation` plays, the same each time: looking for new histories is for the long runs, whose
 * finds are played in histories.test.ts. In a process of its own, as those are.
 */
const SEED = "31";

test("random histories of recoveries: nothing lost, nothing done twice, no verdict untrue", async () => {
  const args = [
    "-r",
    "ts-node/register/transpile-only",
    MAIN,
    "--histories",
    String(HISTORIES),
    "--seed",
    SEED,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(__dirname, "../../.."),
  }).catch((error: { stdout: string; stderr: string }) => ({ stdout: `${error.stdout}\n${error.stderr}` }));
  console.log(stdout);
  expect(stdout).toMatch(/nothing lost, nothing done twice/);
  expect(stdout).toContain(`${HISTORIES} histories in`);
}, 300_000);
