import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { listens } from "./addresses";
import { command, eventually, succeed } from "./commands";
import { paths } from "./layout";
import { directoryVariable, endAll, processesOfSshd } from "./processes";
import type { Requirements } from "./requirements";

/** One host to be: where its sshd listens, and what a session on it finds in its environment. */
export interface SshHost {
  directory: string;
  name: string;
  address: string;
  port: number;
  environment: Readonly<Record<string, string>>;
  /** Default: where this user's account is locked, which keys alone do not open. */
  usePam?: boolean;
  /** Lines of sshd_config in place of the sandbox's own with the same keyword. Default none. */
  sshd?: readonly string[];
}

const configOf = (host: Pick<SshHost, "directory" | "name">) =>
  join(paths.ssh(host.directory, host.name), "sshd_config");

async function makeKey(tools: Requirements, file: string, comment: string): Promise<void> {
  if (existsSync(file)) return;
  await succeed(tools.sshKeygen, ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
}

/** Makes the client key of a sandbox, once. */
export async function makeClientKey(tools: Requirements, directory: string): Promise<void> {
  await mkdir(paths.keys(directory), { recursive: true, mode: 0o700 });
  await makeKey(tools, paths.key(directory), "leofs-sandbox");
}

/** A locked password (`!...`) makes sshd refuse even keys, unless PAM decides. Only root can see it, or needs to. */
function accountIsLocked(user: string): boolean {
  try {
    return new RegExp(`^${user}:!`, "m").test(readFileSync("/etc/shadow", "utf8"));
  } catch {
    return false;
  }
}

function configuration(tools: Requirements, host: SshHost): string {
  const folder = paths.ssh(host.directory, host.name);
  // bash reads the user's start files for sshd unless it is no first shell: what they do on this machine (and what a
  // session that was cut off left half-done there) is no part of the sandbox.
  const variables = Object.entries({ SHLVL: "1", [directoryVariable]: host.directory, ...host.environment });
  // Only the first SetEnv of a file counts, so all of them are on one line.
  const setEnv = variables.map(([name, value]) => `"${name}=${value}"`).join(" ");
  const given = host.sshd ?? [];
  const keyword = (line: string) => line.split(" ")[0]!.toLowerCase();
  const taken = new Set(given.map(keyword));
  const own = [
    `ListenAddress ${host.address}:${host.port}`,
    `HostKey ${folder}/ssh_host_ed25519_key`,
    `PidFile ${folder}/sshd.pid`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    "StrictModes no",
    `UsePAM ${(host.usePam ?? accountIsLocked(userInfo().username)) ? "yes" : "no"}`,
    "PubkeyAuthentication yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    "AllowTcpForwarding yes",
    "MaxStartups 100",
    "MaxSessions 100",
    "UseDNS no",
    "PrintMotd no",
    `Subsystem sftp ${tools.sftpServer ?? "internal-sftp"}`,
    `SetEnv ${setEnv}`,
  ];
  return `${[...given, ...own.filter((line) => !taken.has(keyword(line)))].join("\n")}\n`;
}

/** Makes a host's keys and sshd configuration. Returns its host key as known_hosts has it. */
export async function installHost(tools: Requirements, host: SshHost): Promise<string> {
  const folder = paths.ssh(host.directory, host.name);
  await mkdir(folder, { recursive: true });
  await makeKey(tools, join(folder, "ssh_host_ed25519_key"), host.name);
  const authorized = join(folder, "authorized_keys");
  await writeFile(authorized, await readFile(`${paths.key(host.directory)}.pub`));
  await chmod(authorized, 0o600);
  await writeFile(configOf(host), configuration(tools, host));
  return hostKey(host);
}

/** The public part of a host's key: type and key, without comment. */
export async function hostKey(host: Pick<SshHost, "directory" | "name">): Promise<string> {
  const text = await readFile(join(paths.ssh(host.directory, host.name), "ssh_host_ed25519_key.pub"), "utf8");
  return text.trim().split(" ").slice(0, 2).join(" ");
}

/** Starts a host's sshd, unless it runs, and returns when it accepts connections. Throws with sshd's own reason. */
export async function startHost(
  tools: Requirements,
  host: Pick<SshHost, "directory" | "name" | "address" | "port">,
): Promise<void> {
  const config = configOf(host);
  if ((await processesOfSshd(config)).length > 0 && (await listens(host.address, host.port))) return;
  // sshd changes into this directory before it answers a login; a machine whose own sshd never ran lacks it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const log = join(paths.ssh(host.directory, host.name), "sshd.log");
  const check = await command(tools.sshd, ["-t", "-f", config]);
  if (check.code !== 0) throw new Error(`sshd does not accept ${config}: ${check.stderr.trim()}`);
  const output = openSync(log, "a");
  // -D and a child of this process: a daemon's first steps could not be told from a failure.
  const child = spawn(tools.sshd, ["-D", "-f", config, "-E", log], {
    detached: true,
    stdio: ["ignore", output, output],
    env: { PATH: process.env.PATH, [directoryVariable]: host.directory },
  });
  child.unref();
  closeSync(output);
  let ended: number | null | undefined;
  child.once("exit", (code) => {
    ended = code;
  });
  await eventually(`sshd of ${host.name} on ${host.address}:${host.port}`, 10_000, async () => {
    if (ended !== undefined) {
      const reason = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").at(-1);
      throw new Error(`sshd of ${host.name} ended with exit code ${ended}: ${reason} (whole log: ${log})`);
    }
    return (await listens(host.address, host.port)) ? true : undefined;
  });
}

/** Ends a host's sshd and every session on it: from outside, the host is gone. */
export async function stopHost(host: Pick<SshHost, "directory" | "name">): Promise<void> {
  await endAll(() => processesOfSshd(configOf(host)));
  await rm(join(paths.ssh(host.directory, host.name), "sshd.pid"), { force: true });
}
