import { spawn } from "node:child_process";
import { dirname, join } from "node:path";

/*
 * Runs one test file with counts: `node -r ts-node/register test/counted.ts FILE name... -- --name 500`. Each reaches
 * the file as the environment variable LEOFS_TEST_NAME (see test/engine/support/counts.ts).
 */
const [file = "", ...rest] = process.argv.slice(2);
const names = rest.slice(0, rest.indexOf("--"));
const given = rest.slice(rest.indexOf("--") + 1);
const options = names.map((one) => `--${one} NUMBER`).join(", ");
const environment: NodeJS.ProcessEnv = { ...process.env };

if (given.some((one) => one === "--help" || one === "-h")) {
  process.stdout.write(`Runs ${file} with counts: ${options}. Each that is not given has a small default.\n`);
  process.exit(0);
}

for (let at = 0; at < given.length; at += 2) {
  const name = given[at]!.replace(/^--/, "");
  const value = given[at + 1] ?? "";
  if (!names.includes(name) || !/^\d+$/.test(value)) {
    process.stderr.write(`give ${options}; not: ${given.join(" ")}\n`);
    process.exit(2);
  }
  environment[`LEOFS_TEST_${name.toUpperCase()}`] = value;
}

const vitest = join(dirname(require.resolve("vitest/package.json")), "vitest.mjs");
const args = [vitest, "run", "--project", "engine", "--disableConsoleIntercept=true", file];
spawn(process.execPath, args, { stdio: "inherit", env: environment }).on("exit", (code) => {
  process.exitCode = code ?? 1;
});
