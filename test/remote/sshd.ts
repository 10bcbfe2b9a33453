import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectionArgs } from "../../remote/connection";

/** What a test server is to be like. */
export interface ServerOptions {
  /** Further lines of sshd_config; `%d` is the server's directory. */
  config?: readonly string[];
  /** Files in the server's directory, executable: name and text. */
  files?: Record<string, string>;
  /** Types of host keys. Default ed25519 alone. */
  keyTypes?: readonly ("ed25519" | "ecdsa" | "rsa")[];
}

/** A real OpenSSH server on a loopback address of its own. */
export interface Server {
  directory: string;
  address: string;
  port: number;
  /** Arguments with which it can be logged in to. */
  connection: ConnectionArgs;
  /** Public host key line, by type. */
  hostKey(type?: "ed25519" | "ecdsa" | "rsa"): string;
  /** What sshd logged so far. */
  log(): string;
  /** Logins so far. */
  logins(): number;
  /** Process ids of the processes that serve one connection each. */
  children(): number[];
  stop(): Promise<void>;
}

let made = 0;

/** Starts a server; it answers when this returns. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), "remote-sshd-"));
  const types = options.keyTypes ?? ["ed25519"];
  made += 1;
  // Addresses of their own keep two test processes, and two servers of one, apart.
  const address = `127.79.${process.pid % 250}.${made}`;
  const port = 20_000 + ((process.pid * 7 + made) % 10_000);
  for (const type of types) keygen(type, join(directory, `host_${type}`));
  keygen("ed25519", join(directory, "client"));
  for (const [name, text] of Object.entries(options.files ?? {}))
    writeFileSync(join(directory, name), text, { mode: 0o755 });
  writeFileSync(join(directory, "authorized_keys"), readFileSync(join(directory, "client.pub")), {
    mode: 0o600,
  });
  writeFileSync(join(directory, "sshd_config"), configuration(directory, address, port, types, options));
  if (process.getuid?.() === 0 && !existsSync("/run/sshd")) mkdirSync("/run/sshd", { mode: 0o755 });
  const sshd = spawn(
    "/usr/sbin/sshd",
    ["-D", "-f", join(directory, "sshd_config"), "-E", join(directory, "log")],
    {
      stdio: "ignore",
    },
  );
  const hostKey = (type: string = types[0]!) =>
    readFileSync(join(directory, `host_${type}.pub`), "utf8")
      .trim()
      .split(" ")
      .slice(0, 2)
      .join(" ");
  const log = () => readFileSync(join(directory, "log"), "utf8");
  const server: Server = {
    directory,
    address,
    port,
    connection: {
      host: address,
      port,
      user: userName(),
      privateKey: readFileSync(join(directory, "client"), "utf8"),
      hostKey: hostKey(),
    },
    hostKey,
    log,
    logins: () => (log().match(/^Accepted \w+ for /gm) ?? []).length,
    children: () => childrenOf(sshd.pid!),
    stop: () => stop(sshd, directory),
  };
  try {
    await eventually(() => answers(address, port), "sshd to listen", 10_000);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Waits until a condition holds; an error that names it ends the wait. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 15_000,
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited ${milliseconds} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process exists and is no zombie. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function keygen(type: string, file: string): void {
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "test", "-f", file]);
}

function userName(): string {
  return execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
}

function configuration(
  directory: string,
  address: string,
  port: number,
  types: readonly string[],
  { config = [] }: ServerOptions,
): string {
  return [
    // sshd takes the first value of a setting, so what a test asks for comes first.
    ...config.map((line) => line.replaceAll("%d", directory)),
    `ListenAddress ${address}`,
    `Port ${port}`,
    ...types.map((type) => `HostKey ${directory}/host_${type}`),
    `PidFile ${directory}/sshd.pid`,
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "StrictModes no",
    "UseDNS no",
    "LogLevel VERBOSE",
    // bash reads the user's start files for sshd unless it is no first shell: what is in them is no part of a test.
    "SetEnv SHLVL=1",
    "",
  ].join("\n");
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("error", () => resolve(false));
    // Its first bytes, not its open port: so the probe is over before the test counts connections.
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function childrenOf(pid: number): number[] {
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  return listed
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child!);
}

async function stop(sshd: ChildProcess, directory: string): Promise<void> {
  const descendants = (pid: number): number[] =>
    childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
  if (sshd.exitCode === null && sshd.signalCode === null && sshd.pid !== undefined) {
    const all = [sshd.pid, ...descendants(sshd.pid)];
    const ended = new Promise((resolve) => sshd.once("exit", resolve));
    for (const pid of all) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
    await ended;
  }
  rmSync(directory, { recursive: true, force: true });
}
