import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionArgs, EndpointArgs } from "../../remote/connection";
import { isEncryptedKey, USUAL_KEYS } from "../../remote/ssh/connectionProblems";

/** A host as a person names it to `ssh`, and what the command line says besides. */
export interface LoginOptions {
  /** Login user; beats ssh_config. Default there, else the name of the user who types. */
  user?: string;
  /** SSH port; beats ssh_config. Default 22. */
  port?: number;
  /** Private key file; beats ssh_config. */
  identity?: string;
  /** Default `~/.ssh/config`. */
  sshConfig?: string;
}

/** How a host is logged in to: the arguments of a connection, and the key file they leave out. */
export interface Login {
  connection: ConnectionArgs;
  privateKeyFile?: string;
  /** Files in known_hosts format. Default: the user's and the machine's. */
  knownHostsFiles?: string[];
}

const atHome = (path: string): string => path.replace(/^~(?=\/)/, homedir());

/** Their paths, as `ssh` says them. */
const DEFAULT_KEYS = USUAL_KEYS.map((name) => join("~/.ssh", name));

/**
 * Finds out how a host is reached, as `ssh HOST` would. `HOST` is a name, an alias or an address, with `USER@` before it
 * and `:PORT` behind it where needed.
 *
 * @throws when ssh_config cannot be read, or asks for what is not supported: several jumps, a `ProxyCommand`.
 */
export function loginTo(host: string, options: LoginOptions = {}): Login {
  const { endpoint, keyFile, jump, knownHosts } = endpointOf(host, options);
  if (jump?.includes(","))
    throw new Error(
      `${host}: ProxyJump ${jump} has several jumps; one is supported. Log in from the last of them`,
    );
  const proxy = jump && jump !== "none" ? endpointOf(jump, { sshConfig: options.sshConfig }) : undefined;
  return {
    connection: { ...endpoint, ...(proxy && { proxy: withKey(proxy) }) },
    ...(keyFile && { privateKeyFile: keyFile }),
    ...(knownHosts.length > 0 && { knownHostsFiles: knownHosts }),
  };
}

/** A jump host has no key file of its own among the connection's arguments: its key is read here. */
const withKey = ({ endpoint, keyFile }: { endpoint: EndpointArgs; keyFile?: string }): EndpointArgs =>
  keyFile ? { ...endpoint, privateKey: readFileSync(keyFile, "utf8") } : endpoint;

/** What `ssh` itself makes of ssh_config for a host, by its keywords in small letters: `Include`, `Match` and `%h` are its own affair. */
function sshSays(name: string, sshConfig: string | undefined): (keyword: string) => string[] {
  const file = sshConfig === undefined ? [] : ["-F", atHome(sshConfig)];
  const { error, status, stdout, stderr } = spawnSync("ssh", ["-G", ...file, "--", name], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error && sshConfig === undefined && !existsSync(atHome("~/.ssh/config"))) return () => [];
  if (error) throw new Error(`ssh cannot be run here, so ssh_config cannot be read: ${error.message}`);
  if (status !== 0) throw new Error(`ssh cannot read ssh_config for ${name}: ${stderr.trim()}`);
  const said = stdout.split("\n").map((line) => /^(\S+) (.*)$/.exec(line));
  return (keyword) => said.flatMap((line) => (line?.[1] === keyword ? line[2]! : []));
}

function endpointOf(
  host: string,
  options: LoginOptions,
): { endpoint: EndpointArgs; keyFile?: string; jump?: string; knownHosts: string[] } {
  const match =
    /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^:@\s]+|[0-9a-fA-F]*:[0-9a-fA-F:]+))(?::(\d+))?$/.exec(
      host,
    );
  if (!match) throw new Error(`${JSON.stringify(host)} does not name a host; write [USER@]HOST[:PORT]`);
  const [, user, bracketed, plain, port] = match;
  const name = bracketed ?? plain!;
  const all = sshSays(name, options.sshConfig);
  const one = (keyword: string): string | undefined => all(keyword)[0];
  const address = one("hostname") ?? name;
  const login = options.user ?? user ?? one("user") ?? process.env.USER ?? "root";
  const tokens: Record<string, string> = { d: homedir(), h: address, n: name, r: login, "%": "%" };
  const files = options.identity ? [options.identity] : usualFirst(all("identityfile"));
  const keys = files.map((file) => atHome(file.replace(/%([dhnr%])/g, (_, token) => tokens[token]!)));
  const keyFile = keyOf(options.identity ? keys : keys.filter((path) => existsSync(path)));
  const jump = one("proxyjump") ?? jumpOf(host, one("proxycommand"));
  const agent = one("identityagent");
  return {
    endpoint: {
      host: address,
      port: options.port ?? Number(port ?? one("port") ?? 22),
      user: login,
      ...(agent?.startsWith("/") && { agentSocketPath: agent }),
    },
    ...(keyFile && { keyFile }),
    ...(jump && { jump }),
    knownHosts: [...all("userknownhostsfile"), ...all("globalknownhostsfile")]
      .flatMap((files) => files.split(" "))
      .map(atHome),
  };
}

/** Key files in the order in which one is chosen: those of ssh_config as it has them, those that `ssh` tries anyway best first. */
const usualFirst = (files: readonly string[]): string[] => [
  ...files.filter((file) => !DEFAULT_KEYS.includes(file)),
  ...DEFAULT_KEYS.filter((file) => files.length === 0 || files.includes(file)),
];

/** The jump host of a `ProxyCommand` that is what `ProxyJump` does. */
function jumpOf(host: string, command: string | undefined): string | undefined {
  if (command === undefined || command === "none") return undefined;
  const [, jump] = /^(?:\S*\/)?ssh (?:-q )?-W \S+ (?:-q )?([^\s-]\S*)$/.exec(command) ?? [];
  if (jump) return jump;
  throw new Error(
    `${host}: ProxyCommand ${command} is not supported. Use ProxyJump, or log in from a host that needs neither`,
  );
}

/** The first key that opens by itself; one that needs a pass phrase is left to the agent, which has it open. */
function keyOf(files: readonly string[]): string | undefined {
  const open = files.find((path) => !existsSync(path) || !isEncryptedKey(readFileSync(path, "utf8")));
  if (open || files.length === 0 || process.env.SSH_AUTH_SOCK) return open;
  throw new Error(
    `${files[0]} is encrypted, and there is no SSH agent: start one and run ssh-add ${files[0]}`,
  );
}
