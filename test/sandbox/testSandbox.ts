import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Sandbox, type SandboxOptions } from "../../sandbox";
import { processesOf } from "../../sandbox/processes";

/** A directory for one sandbox. */
export const newDirectory = (): string => mkdtempSync(join(tmpdir(), "leofs-sandbox-test-"));

/** Builds a sandbox before the tests of a file and ends it after them, failed or not. */
export function sandboxForThisFile(options: Partial<SandboxOptions> = {}): () => Sandbox {
  let sandbox: Sandbox | undefined;
  const directory = newDirectory();
  beforeAll(async () => {
    sandbox = await Sandbox.up({ fast: true, ...options, directory });
  });
  afterAll(() => endSandbox(directory));
  return () => {
    if (sandbox === undefined) throw new Error("the sandbox was not built");
    return sandbox;
  };
}

/** Ends the sandbox and removes the directory, also after a build that failed and left its logs. */
export async function endSandbox(directory: string): Promise<void> {
  await Sandbox.down(directory);
  await rm(directory, { recursive: true, force: true });
}

/** What is left of a sandbox: its processes, and its claims on addresses. */
export async function remains(directory: string): Promise<string[]> {
  const processes = (await processesOf(directory)).map((one) => `${one.pid} ${one.program}`);
  const claims = readdirSync("/tmp")
    .filter((name) => /^leofs-sandbox-\d+\.claim$/.test(name))
    .filter((name) => readFileSync(join("/tmp", name), "utf8").includes(`"${directory}"`));
  return [...processes, ...claims];
}
