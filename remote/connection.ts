import { createHash } from "node:crypto";

/** How one SSH server is reached: the fields that a host and its jump host share. */
export interface EndpointArgs {
  /** Name or address. */
  host: string;
  /** Default 22. */
  port?: number;
  /** Login user. Default `root`. */
  user?: string;
  /** Password; tried after the private key, also for keyboard-interactive logins. */
  password?: string;
  /** The private key itself (PEM or OpenSSH text), not a path. */
  privateKey?: string;
  /** Pass phrase of the private key. */
  privateKeyPassword?: string;
  /** Socket of an SSH agent. Default `SSH_AUTH_SOCK` of the environment. */
  agentSocketPath?: string;
  /** How often dialling may fail before it is given up; -1 is no limit. Default 10. */
  dialErrorLimit?: number;
  /** Seconds that one attempt to connect and log in may take; 0 is no limit. Default 15. */
  perDialTimeout?: number;
  /** The server's public key as one line in authorized_keys style. Default: what known_hosts says. */
  hostKey?: string;
}

/**
 * How a host is reached. Exactly the connection arguments of `@pulumi/command` 1.2.1, so that one object
 * serves both; here a host key that is neither pinned nor known is refused, where that package accepts any.
 */
export interface ConnectionArgs extends EndpointArgs {
  /** Jump host. */
  proxy?: EndpointArgs;
}

/** An endpoint with the defaults filled in. */
export interface Endpoint extends EndpointArgs {
  port: number;
  user: string;
  dialErrorLimit: number;
  perDialTimeout: number;
}

/** A connection with the defaults filled in. */
export interface Connection extends Endpoint {
  proxy?: Endpoint;
}

/** Fills in the defaults of `@pulumi/command` 1.2.1, for the jump host too. */
export function withDefaults(args: ConnectionArgs): Connection {
  const { proxy, ...own } = args;
  return proxy ? { ...endpoint(own), proxy: endpoint(proxy) } : endpoint(own);
}

/** Where a server listens, and who logs in there. */
const placeOf = ({ host, port = 22, user = "root" }: EndpointArgs) => ({ host, port, user });

function endpoint(args: EndpointArgs): Endpoint {
  const agent = args.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  return {
    ...args,
    ...placeOf(args),
    dialErrorLimit: args.dialErrorLimit ?? 10,
    perDialTimeout: args.perDialTimeout ?? 15,
    ...(agent ? { agentSocketPath: agent } : {}),
  };
}

/** The name of a host in messages: `leofs@10.0.0.11:22`, with its jump host where there is one. */
export function labelOf(args: ConnectionArgs): string {
  const { user, host, port } = placeOf(args);
  const { proxy } = args;
  const own = `${user}@${host.includes(":") ? `[${host}]` : host}:${port}`;
  return proxy ? `${own} (via ${labelOf(proxy)})` : own;
}

/**
 * What makes two connections the same host to the same user: address, port, user, jump host. Credentials are
 * not part of it: a rotated key is still the same host.
 */
export function identityOf(args: ConnectionArgs): string {
  const place = (end: EndpointArgs) => Object.values(placeOf(end));
  return JSON.stringify([...place(args), args.proxy ? place(args.proxy) : null]);
}

/** A digest of the identity and everything that proves who is who, to tell when a connection may be shared. */
export function sharingKey(args: ConnectionArgs, knownHostsFiles: readonly string[], lastKey = ""): string {
  const proofs = (end: Endpoint | undefined) =>
    end && [end.password, end.privateKey, end.privateKeyPassword, end.agentSocketPath, end.hostKey];
  const connection = withDefaults(args);
  const text = JSON.stringify([
    identityOf(args),
    proofs(connection),
    proofs(connection.proxy),
    knownHostsFiles,
    lastKey,
  ]);
  return createHash("sha256").update(text).digest("hex");
}
