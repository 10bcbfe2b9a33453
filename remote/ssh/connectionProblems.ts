import { utils } from "ssh2";
import type { ConnectionArgs, EndpointArgs } from "../connection";
import { meant } from "../meant";
import { parsePublicKey } from "./publicKey";

/**
 * Everything wrong with connection arguments, each in one sentence that starts with the path of the field,
 * such as `connection.proxy.port`. No secret value is ever in it. Empty when all is well.
 *
 * Not by zod, as the settings are: here `@pulumi/pulumi` may hand in values that are not known yet.
 *
 * @param path where the arguments are in the settings, for the messages
 * @param besides what else stands there, for the message about a name that is not known
 */
export function connectionProblems(
  args: unknown,
  path = "connection",
  besides: readonly string[] = [],
): string[] {
  if (!isRecord(args)) return [`${path} must be an object with at least a host.`];
  const { proxy, ...own } = args;
  const problems = endpointProblems(own, path, ["proxy", ...besides]);
  if (proxy === undefined || proxy === null) return problems;
  if (!isRecord(proxy)) return [...problems, `${path}.proxy must be an object with at least a host.`];
  return [...problems, ...endpointProblems(proxy, `${path}.proxy`, [])];
}

type Check = (value: unknown, fields: Record<string, unknown>) => string | undefined;

const text: Check = (value) => {
  if (typeof value === "number" || typeof value === "boolean") return "must be a text: put it in quotes.";
  return typeof value === "string" && value !== "" ? undefined : "must be a text.";
};

/** A name, an IPv4 address or an IPv6 one; of several colons none is that of a port. */
const isHost = (value: unknown): boolean =>
  typeof value === "string" &&
  /^[^\s/@\p{Cc}[\]-][^\s/@\p{Cc}[\]]*$/u.test(value) &&
  value.split(":").length !== 2;

/** What is wrong with a whole number that is written as a text. */
const unquoted = (value: unknown, problem: string): string =>
  typeof value === "string" && /^\s*-?\d+\s*$/.test(value) ? `${problem} without quotes.` : `${problem}.`;

const CHECKS: Record<keyof EndpointArgs, Check> = {
  host: (value) =>
    isHost(value)
      ? undefined
      : "must be a host name or an address (no user, no port, no path, no brackets, no blanks).",
  port: (value) =>
    whole(value, 1, 65535) ? undefined : unquoted(value, "must be a whole number from 1 to 65535"),
  user: (value) =>
    typeof value === "string" && /^[^\s:\p{Cc}-][^\s:\p{Cc}]*$/u.test(value)
      ? undefined
      : "must be the name of a user.",
  password: text,
  privateKey: (value, { privateKeyPassword }) => privateKeyProblem(value, privateKeyPassword),
  privateKeyPassword: text,
  agentSocketPath: text,
  dialErrorLimit: (value) =>
    whole(value, -1, Number.MAX_SAFE_INTEGER)
      ? undefined
      : unquoted(value, "must be a whole number (-1: no limit)"),
  perDialTimeout: (value) =>
    whole(value, 0, 86_400) ? undefined : unquoted(value, "must be a whole number of seconds (0: no limit)"),
  hostKey: (value) =>
    typeof value === "string" && parsePublicKey(value)
      ? undefined
      : "must be one whole public key line, such as `ssh-ed25519 AAAA...` (the host has it in /etc/ssh/ssh_host_ed25519_key.pub).",
};

function endpointProblems(args: Record<string, unknown>, path: string, besides: readonly string[]): string[] {
  const known = [...Object.keys(CHECKS), ...besides];
  const problems: string[] = [];
  if (args.host === undefined || args.host === null) problems.push(`${path}.host is missing.`);
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined || value === null) continue;
    if (!Object.hasOwn(CHECKS, name)) {
      problems.push(
        `${path}.${name} is not a connection argument${meant(name, known)}; there are ${known.join(", ")}.`,
      );
      continue;
    }
    const problem = CHECKS[name as keyof EndpointArgs](value, args);
    if (problem) problems.push(`${path}.${name} ${problem}`);
  }
  return problems;
}

/** The private keys in `~/.ssh` that OpenSSH tries when none is configured, best first. */
export const USUAL_KEYS: readonly string[] = ["id_ed25519", "id_ecdsa", "id_rsa"];

/** Whether the text looks like a private key at all. */
export const looksLikeKey = (text: string): boolean =>
  text.includes("-----BEGIN") || text.startsWith("PuTTY-");

/** Whether the text is a private key that opens with a pass phrase only. */
export function isEncryptedKey(privateKey: string): boolean {
  const key = utils.parseKey(privateKey);
  return key instanceof Error && /encrypted/i.test(key.message);
}

/** What is wrong with the text of a private key, as the end of a sentence: it is none, or does not open. */
export function privateKeyProblem(value: unknown, password?: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return "must be the text of a private key.";
  if (!looksLikeKey(value)) return "must be the private key itself, not the path of its file.";
  const passphrase = typeof password === "string" ? password : undefined;
  if (passphrase === undefined && isEncryptedKey(value)) return "is encrypted and needs privateKeyPassword.";
  const key = utils.parseKey(value, passphrase);
  if (!(key instanceof Error)) return undefined;
  // The parser's own text is not repeated: what it quotes is not for us to decide.
  if (/passphrase|integrity|decrypt/i.test(key.message)) return "does not open with privateKeyPassword.";
  return "cannot be read: it is cut short or of a kind that is not supported (use ed25519, ECDSA or RSA).";
}

function whole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Throws one error that names every problem of the connection arguments. */
export function requireConnection(args: ConnectionArgs): void {
  const problems = connectionProblems(args);
  if (problems.length > 0) throw new Error(problems.join("\n"));
}
