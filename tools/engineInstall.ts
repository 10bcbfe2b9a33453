import { createRequire } from "node:module";
import { lastLine, runCommand } from "./process";

const INSTALL_LIMIT_MS = 10 * 60_000;
const REACH_LIMIT_MS = 10_000;
const INSTALLER = "https://get.pulumi.com/";

/**
 * Has Pulumi's own installer (`PulumiCommand.install`) put a CLI into `<directory>/bin`.
 *
 * It runs in a process of its own, because a download that hangs cannot be taken back in-process.
 * @throws one line that says why, at once on a machine without internet.
 */
export async function installEngine(directory: string, version: string): Promise<void> {
  await reach(INSTALLER);
  const script = `
    const { PulumiCommand } = require(process.argv[1]);
    const semver = require(require.resolve("semver", { paths: [process.argv[1]] }));
    PulumiCommand.install({ root: process.argv[2], version: new semver.SemVer(process.argv[3]) })
      .catch((error) => { process.stderr.write(String(error.message)); process.exitCode = 1; });`;
  const result = await runCommand(
    process.execPath,
    ["-e", script, createRequire(__filename).resolve("@pulumi/pulumi/automation"), directory, version],
    { timeoutMs: INSTALL_LIMIT_MS },
  );
  if (result.code !== 0) throw new Error(lastLine(result.stderr));
}

async function reach(url: string): Promise<void> {
  try {
    await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(REACH_LIMIT_MS) });
  } catch (error) {
    const { cause, message } = error as Error;
    throw new Error(`${url} cannot be reached: ${cause instanceof Error ? cause.message : message}`);
  }
}
