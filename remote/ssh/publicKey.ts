import { createHash } from "node:crypto";

/** A public key of a server. */
export interface PublicKey {
  /** Such as `ssh-ed25519`; for RSA always `ssh-rsa`, whatever signs with it. */
  type: string;
  /** The key as it goes over the wire. */
  blob: Buffer;
}

/** A key from its wire form; the type is inside. Undefined when the bytes are not a key. */
export function keyFromBlob(blob: Buffer): PublicKey | undefined {
  if (blob.length < 4) return undefined;
  const end = 4 + blob.readUInt32BE(0);
  if (end >= blob.length || end > 100) return undefined;
  const type = blob.toString("latin1", 4, end);
  return /^[a-z0-9@.-]+$/.test(type) ? { type, blob } : undefined;
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
