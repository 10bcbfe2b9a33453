import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox } from "../../../sandbox";
import type { TestHost } from "./host";

/** The master manager's host of a small sandbox of the test's own; `directory` is one that host may write to. */
export async function startSandboxHost(): Promise<TestHost> {
  const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-sandbox-"));
  const stop = async () => {
    await Sandbox.down(directory);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const sandbox = await Sandbox.up({
      directory,
      fast: true,
      storages: 1,
      gateways: 0,
      report: console.log,
    });
    const { key, user } = sandbox.description;
    const { address, sshPort, hostKey, backups } = sandbox.manager("master");
    const privateKey = await readFile(key, "utf8");
    return {
      directory: backups,
      connection: { host: address, port: sshPort, user, privateKey, hostKey },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
