import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MAIN = join(__dirname, "../../../robustness/simulation/main.ts");
const HISTORIES = 1000;

/**
 * That the simulation would notice: rules of the product are broken on purpose, one by one, and random histories show
 * each break; the same histories show nothing when no rule is broken. A fixed seed, so that it is the same every time.
 */
test("the simulation finds what is broken on purpose", async () => {
  const args = ["-r", "ts-node/register/transpile-only", MAIN, "--breaks", "--seed", "1"];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, "--histories", String(HISTORIES)],
    { cwd: join(__dirname, "../../..") },
  ).catch((error: { stdout: string; stderr: string }) => ({ stdout: `${error.stdout}\n${error.stderr}` }));
  console.log(stdout);
  expect(stdout).not.toContain("NOT FOUND");
  expect(stdout.match(/^\| .* \| \d+ \| .+ \|$/gm)).toHaveLength(18);
  expect(stdout).toMatch(/^nothing broken: \d+ histories show nothing$/m);
}, 300_000);
