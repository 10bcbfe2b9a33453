import {
  type Connection,
  type ConnectionArgs,
  type Endpoint,
  labelOf,
  sharingKey,
  withDefaults,
} from "../connection";
import { requireConnection } from "./connectionProblems";
import { defaultKnownHostsFiles } from "./hostKeys";
import { Link } from "./link";
import { SshHost } from "./sshHost";

/** What is not part of the connection itself. */
export interface ConnectOptions {
  /** Files in known_hosts format. Default: the user's and the machine's, as OpenSSH has them. */
  knownHostsFiles?: readonly string[];
  /** Text of a private key to try when the agent has none that helps. */
  lastKey?: string | undefined;
}

const links = new Map<string, Link>();
const hosts = new Map<string, SshHost>();

/**
 * The host behind these arguments. Dials nothing yet; whoever asks in this process for the same host with
 * the same credentials gets the same one, and so the same connection.
 *
 * Throws one error that names every problem of the arguments.
 */
export function connect(args: ConnectionArgs, options: ConnectOptions = {}): SshHost {
  requireConnection(args);
  const files = options.knownHostsFiles ?? defaultKnownHostsFiles();
  const key = sharingKey(args, files, options.lastKey);
  let host = hosts.get(key);
  if (!host) {
    host = new SshHost(linkFor(withDefaults(args), files, options.lastKey));
    hosts.set(key, host);
  }
  return host;
}

/** Ends every connection of this process. Hosts stay usable: the next use connects again. */
export function closeAll(): void {
  for (const link of links.values()) link.close();
  links.clear();
  hosts.clear();
}

function linkFor(connection: Connection, files: readonly string[], lastKey: string | undefined): Link {
  const { proxy, ...endpoint } = connection;
  const key = sharingKey(connection, files, lastKey);
  let link = links.get(key);
  if (!link) {
    link = new Link(
      endpoint as Endpoint,
      labelOf(connection),
      files,
      proxy && linkFor(proxy, files, lastKey),
      lastKey,
    );
    links.set(key, link);
  }
  return link;
}
