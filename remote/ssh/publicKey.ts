import { createHash } from "node:crypto";

/** A public key of a server. */
export interface PublicKey {
  /** Such as `ssh-ed25519`; for RSA always `ssh-rsa`, whatever signs with it. */
  type: string;
  /** The key as it goes over the wire. */
  blob: Buffer;
}

/** A key from its wire form; the type is inside. Undefined when the bytes are not a key, or not all of one. */
export function keyFromBlob(blob: Buffer): PublicKey | undefined {
  if (blob.length < 4) return undefined;
  const end = 4 + blob.readUInt32BE(0);
  if (end >= blob.length || end > 100) return undefined;
  const type = blob.toString("latin1", 4, end);
  if (PLAIN.test(type) && !isWhole(blob)) return undefined;
  return /^[a-z0-9@.-]+$/.test(type) ? { type, blob } : undefined;
}

/** Kinds of keys whose wire form is fields with their lengths and nothing else (RFC 4253, 5656, 8709). */
const PLAIN = /^(ssh-rsa|ssh-dss|ssh-ed25519|ecdsa-sha2-nistp\d+)$/;

/** Whether fields fill the bytes to their end: a line that was cut short when it was copied does not. */
function isWhole(blob: Buffer): boolean {
  let at = 0;
  while (at + 4 <= blob.length) at += 4 + blob.readUInt32BE(at);
  return at === blob.length;
}

/** A key from one line in authorized_keys style: `ssh-ed25519 AAAA... comment`. Undefined when it is none. */
export function parsePublicKey(line: string): PublicKey | undefined {
  const [type, encoded] = line.trim().split(/\s+/);
  if (!type || !encoded || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const key = keyFromBlob(Buffer.from(encoded, "base64"));
  return key?.type === type ? key : undefined;
}

/** The fingerprint as OpenSSH prints it: `SHA256:...`. */
export function fingerprint(key: PublicKey): string {
  return `SHA256:${createHash("sha256").update(key.blob).digest("base64").replace(/=+$/, "")}`;
}

/** The key as one line for authorized_keys or known_hosts. */
export function publicKeyLine(key: PublicKey): string {
  return `${key.type} ${key.blob.toString("base64")}`;
}

/** Whether both are the same key. */
export function sameKey(one: PublicKey, other: PublicKey): boolean {
  return one.blob.equals(other.blob);
}
