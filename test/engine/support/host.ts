import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { requirements } from "../../../sandbox/requirements";
import { hostKey, installHost, makeClientKey, startHost, stopHost } from "../../../sandbox/sshHosts";

/** A real SSH server for one test file, without any LeoFS on it. */
export interface TestHost {
  /** A directory of the test's own, on the host (which is this machine). */
  directory: string;
  connection: { host: string; port: number; user: string; privateKey: string; hostKey: string };
  stop(): Promise<void>;
}

/** Starts an OpenSSH server on a free loopback port, with keys made for it. */
export async function startTestHost(): Promise<TestHost> {
  const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-host-"));
  const tools = await requirements((line) => console.log(line));
  const host = { directory, name: "host", address: "127.0.0.1", port: await freePort(), environment: {} };
  await makeClientKey(tools, directory);
  await installHost(tools, host);
  try {
    await startHost(tools, host);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    directory,
    connection: {
      host: host.address,
      port: host.port,
      user: userInfo().username,
      privateKey: await readFile(join(directory, "keys", "id_ed25519"), "utf8"),
      hostKey: await hostKey(host),
    },
    stop: async () => {
      await stopHost(host);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A TCP port of 127.0.0.1 that nothing listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
