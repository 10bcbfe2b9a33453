import { mapWrapped, unwrap, type Wire } from "./values";

/** How to reach one SSH server; the fields and defaults of `@pulumi/command`'s connection. */
export interface Endpoint {
  host: string;
  user: string;
  port: number;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
  /** Failed dials that are tried again; -1 means for ever. */
  dialErrorLimit: number;
  /** Seconds for one dial, 0 means no limit. */
  perDialTimeout: number;
  /** A line as in authorized_keys; without it any host key is accepted. */
  hostKey?: string;
}

/** An endpoint, perhaps behind a bastion. */
export interface Connection extends Endpoint {
  proxy?: Endpoint;
}

/** The inputs of `command:remote:Command`. */
export interface CommandInputs {
  connection: Connection;
  create?: string;
  update?: string;
  delete?: string;
  stdin?: string;
  environment?: Record<string, string>;
  triggers?: Wire[];
  logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
  addPreviousOutputInEnv?: boolean;
}

/** Names of all inputs: what a diff looks at. */
export const INPUT_KEYS = [
  "connection",
  "create",
  "update",
  "delete",
  "stdin",
  "environment",
  "triggers",
  "logging",
  "addPreviousOutputInEnv",
] as const;

/** A resource's properties as they come over the wire. */
export type Properties = Record<string, Wire>;

const ENDPOINT_DEFAULTS = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

/** The properties with the connection's defaults filled in, secrets kept wrapped. */
export function withDefaults(properties: Properties): Properties {
  const filled: Properties = { addPreviousOutputInEnv: true, ...properties };
  filled.connection = mapWrapped(properties.connection, (inner) => {
    if (!isObject(inner)) return inner ?? null;
    const proxy = inner.proxy;
    const defaulted = { ...ENDPOINT_DEFAULTS, ...inner };
    return isObject(proxy) ? { ...defaulted, proxy: mapWrapped(proxy, fillEndpoint) } : defaulted;
  });
  return filled;
}

/** The properties as plain values. The engine's schema check does not exist here, so types are taken on trust. */
export function parseInputs(properties: Properties): CommandInputs {
  return unwrap(withDefaults(properties)) as unknown as CommandInputs;
}

function fillEndpoint(inner: Wire | undefined): Wire {
  return isObject(inner) ? { ...ENDPOINT_DEFAULTS, ...inner } : (inner ?? null);
}

function isObject(value: Wire | undefined): value is { [key: string]: Wire } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
