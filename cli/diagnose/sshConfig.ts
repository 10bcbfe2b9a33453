import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import SSHConfig from "ssh-config";
import { type ConnectionArgs, type EndpointArgs, isEncryptedKey } from "../../remote";

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

/** The names of private keys that OpenSSH tries when none is configured, best first. */
const DEFAULT_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join("~/.ssh", name));

/**
 * Finds out how a host is reached, as `ssh HOST` would: `HostName`, `Port`, `User`, `IdentityFile`, `ProxyJump` and
 * `UserKnownHostsFile` of ssh_config. `HOST` is a name, an alias or an address, with `USER@` before it and `:PORT` behind it where needed.
 *
 * @throws when the file named by `sshConfig` cannot be read, or a `ProxyJump` has more than one jump.
 */
export function loginTo(host: string, options: LoginOptions = {}): Login {
  const config = readConfig(options.sshConfig);
  const { endpoint, keyFile, jump, knownHosts } = endpointOf(host, config, options);
  if (jump?.includes(","))
    throw new Error(
      `${host}: ProxyJump ${jump} has several jumps; one is supported. Log in from the last of them`,
    );
  const proxy = jump && jump !== "none" ? endpointOf(jump, config, {}) : undefined;
  return {
    connection: { ...endpoint, ...(proxy && { proxy: withKey(proxy) }) },
    ...(keyFile && { privateKeyFile: keyFile }),
    ...(knownHosts && { knownHostsFiles: knownHosts }),
  };
}

/** A jump host has no key file of its own among the connection's arguments: its key is read here. */
const withKey = ({ endpoint, keyFile }: { endpoint: EndpointArgs; keyFile?: string }): EndpointArgs =>
  keyFile ? { ...endpoint, privateKey: readFileSync(keyFile, "utf8") } : endpoint;

function readConfig(file: string | undefined): SSHConfig {
  const path = atHome(file ?? "~/.ssh/config");
  if (file === undefined && !existsSync(path)) return SSHConfig.parse("");
  return SSHConfig.parse(readFileSync(path, "utf8"));
}

function endpointOf(
  host: string,
  config: SSHConfig,
  options: LoginOptions,
): { endpoint: EndpointArgs; keyFile?: string; jump?: string; knownHosts?: string[] } {
  const match = /^(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^:@\s]+|[0-9a-fA-F]*:[0-9a-fA-F:]+))(?::(\d+))?$/.exec(
    host,
  );
  if (!match) throw new Error(`${JSON.stringify(host)} does not name a host; write [USER@]HOST[:PORT]`);
  const [, user, bracketed, plain, port] = match;
  const name = bracketed ?? plain!;
  const found = config.compute(name) as Record<string, string | string[] | undefined>;
  const one = (key: string): string | undefined => [found[key]].flat()[0];
  const knownHosts = [found.UserKnownHostsFile ?? []].flat().flatMap((files) => files.split(/\s+/));
  const keys = [options.identity ?? found.IdentityFile ?? DEFAULT_KEYS].flat().map(atHome);
  const keyFile = keyOf(options.identity ? keys : keys.filter((path) => existsSync(path)));
  return {
    endpoint: {
      host: one("HostName") ?? name,
      port: options.port ?? Number(port ?? one("Port") ?? 22),
      user: options.user ?? user ?? one("User") ?? process.env.USER ?? "root",
    },
    ...(keyFile && { keyFile }),
    ...(one("ProxyJump") && { jump: one("ProxyJump")! }),
    ...(knownHosts.length > 0 && { knownHosts: knownHosts.map(atHome) }),
  };
}

/** The first key that opens by itself; one that needs a pass phrase is left to the agent, which has it open. */
function keyOf(files: readonly string[]): string | undefined {
  const open = files.find((path) => !existsSync(path) || !isEncryptedKey(readFileSync(path, "utf8")));
  if (open || files.length === 0 || process.env.SSH_AUTH_SOCK) return open;
  throw new Error(
    `${files[0]} is encrypted, and there is no SSH agent: start one and run ssh-add ${files[0]}`,
  );
}
