import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { keysOfAgent } from "../../remote/ssh/agent";
import type { Connection, Endpoint } from "./inputs";

const FIRST_DELAY_MS = 100;
const DELAY_GROWTH = 1.5;
const LONGEST_DELAY_MS = 5000;

/** An open SSH connection, with the bastion's one under it if there is one. */
export interface Session {
  client: Client;
  close(): void;
}

/**
 * Dials as the official plugin does: every failure (a wrong key included) is tried again, `dialErrorLimit` times, with
 * growing delays; a bastion is dialled first.
 * @param report gets `Dial 3/10 failed: retrying`.
 */
export async function dial(connection: Connection, report: (line: string) => void): Promise<Session> {
  const { proxy } = connection;
  if (!proxy) {
    const client = await retrying("Dial", connection, report, () => connect(connection));
    return { client, close: () => client.end() };
  }
  const bastion = await retrying("Dial proxy", proxy, report, () => connect(proxy));
  try {
    const client = await retrying("Dial", connection, report, async () =>
      connect(connection, await forward(bastion, connection)),
    );
    return {
      client,
      close: () => {
        client.end();
        bastion.end();
      },
    };
  } catch (error) {
    bastion.end();
    throw new Error(`proxy: ${(error as Error).message}`);
  }
}

async function retrying<T>(
  what: string,
  { dialErrorLimit }: Endpoint,
  report: (line: string) => void,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 0, delay = FIRST_DELAY_MS; ; ) {
    try {
      return await attempt();
    } catch (error) {
      failures += 1;
      if (dialErrorLimit !== -1 && failures > dialErrorLimit)
        throw new Error(`after ${failures} failed attempts: ${(error as Error).message}`);
      report(`${what} ${failures}/${dialErrorLimit === -1 ? "inf" : dialErrorLimit} failed: retrying`);
      await wait(delay);
      delay = Math.min(delay * DELAY_GROWTH, LONGEST_DELAY_MS);
    }
  }
}

async function connect(endpoint: Endpoint, sock?: Readable): Promise<Client> {
  const agent = agentOf(endpoint);
  if (agent && (await keysOfAgent(agent)) === undefined)
    throw new Error(`dial unix ${agent}: no agent answers`);
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once("ready", () => resolve(client));
    client.on("error", (error) => {
      client.destroy();
      reject(new Error(`ssh ${endpoint.user}@${endpoint.host}:${endpoint.port}: ${error.message}`));
    });
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => endpoint.password ?? "")),
    );
    client.connect({ ...config(endpoint), sock });
  });
}

const agentOf = (endpoint: Endpoint): string | undefined =>
  endpoint.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);

function config(endpoint: Endpoint): ConnectConfig {
  const agent = agentOf(endpoint);
  return {
    host: endpoint.host,
    port: endpoint.port,
    username: endpoint.user,
    password: endpoint.password,
    tryKeyboard: endpoint.password !== undefined,
    privateKey: endpoint.privateKey,
    passphrase: endpoint.privateKeyPassword,
    // One source of public keys: a key that is given, else the agent.
    agent: (!endpoint.privateKey && agent) || undefined,
    readyTimeout: endpoint.perDialTimeout * 1000,
    ...(endpoint.hostKey ? pinned(endpoint.hostKey) : {}),
  };
}

// The server picks among its keys by the client's list, so only the pinned one's kind may be offered.
function pinned(line: string): Pick<ConnectConfig, "hostVerifier" | "algorithms"> {
  const [type = "", blob = ""] = line.trim().split(/\s+/);
  const kinds = type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type];
  return {
    hostVerifier: (key: Buffer) => key.toString("base64") === blob,
    algorithms: { serverHostKey: kinds as ServerHostKeyAlgorithm[] },
  };
}

function forward(bastion: Client, { host, port }: Endpoint): Promise<Readable> {
  return new Promise((resolve, reject) => {
    bastion.forwardOut("127.0.0.1", 0, host, port, (error, channel) =>
      error ? reject(error) : resolve(channel),
    );
  });
}
