import { createHmac } from "node:crypto";
import { type PublicKey, parsePublicKey } from "./publicKey";

/** What known_hosts files say about one server. */
export interface KnownKeys {
  /** Keys the server may present. */
  accepted: PublicKey[];
  /** Keys that must never be accepted again. */
  revoked: PublicKey[];
  /** A `@cert-authority` line vouches for it. */
  certified: boolean;
}

/** The name under which a server is listed: `host`, or `[host]:port` off the usual port. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/**
 * Looks a server up in the text of known_hosts files, by OpenSSH's rules: plain and hashed names, patterns
 * with `*`, `?` and `!`, `[host]:port`, `@revoked`. Read here because ssh2 reads no such file. What `@cert-authority` lines vouch for is not accepted (host
 * certificates are not supported). A line that cannot be read is ignored.
 */
export function lookUpKnownHosts(texts: readonly string[], host: string, port: number): KnownKeys {
  const name = knownHostsName(host, port);
  const found = lookUp(texts, name);
  // OpenSSH too takes the key listed without a port when nothing is listed with it.
  if (port !== 22 && found.accepted.length === 0) {
    const plain = lookUp(texts, host.toLowerCase());
    return {
      accepted: plain.accepted,
      revoked: [...found.revoked, ...plain.revoked],
      certified: found.certified || plain.certified,
    };
  }
  return found;
}

function lookUp(texts: readonly string[], name: string): KnownKeys {
  const known: KnownKeys = { accepted: [], revoked: [], certified: false };
  for (const line of texts.flatMap((text) => text.split(/\r?\n/))) {
    const words = line.trim().split(/\s+/);
    if (words[0] === "" || words[0]?.startsWith("#")) continue;
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const names = words.shift();
    const key = parsePublicKey(words.join(" "));
    if (!names || !key || !matches(names, name)) continue;
    if (marker === undefined) known.accepted.push(key);
    else if (marker === "@revoked") known.revoked.push(key);
    else if (marker === "@cert-authority") known.certified = true;
  }
  return known;
}

function matches(names: string, name: string): boolean {
  if (names.startsWith("|1|")) return matchesHash(names, name);
  let matched = false;
  for (const pattern of names.split(",")) {
    const negated = pattern.startsWith("!");
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function matchesHash(entry: string, name: string): boolean {
  const [, , salt, digest] = entry.split("|");
  if (!salt || !digest) return false;
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === digest;
}

function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[\\^$.+()[\]{}|]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(name);
}
