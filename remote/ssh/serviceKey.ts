/** How OpenSSH's own format begins; the name of the cipher follows, its length before it. */
const MAGIC = "openssh-key-v1\0";

/** The ciphers in which the client of `@pulumi/command` reads OpenSSH's own format. */
const CIPHERS = ["none", "aes256-ctr", "aes256-cbc"];

const REWRITE = "`ssh-keygen -p -f FILE` writes it again in OpenSSH's own format, which it reads";

/**
 * Why the client of `@pulumi/command` would not read a private key that this package reads; undefined when it would.
 * It knows neither PuTTY's format nor encrypted PKCS #8, fewer ciphers, and refuses a pass phrase where none is needed.
 */
export function serviceKeyProblem(key: string, passphrase: string | undefined): string | undefined {
  if (key.startsWith("PuTTY-"))
    return `it does not read keys in PuTTY's format. \`puttygen KEY -O private-openssh-new\` writes it in OpenSSH's.`;
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(key))
    return `it does not read encrypted keys in PKCS #8. ${REWRITE}.`;
  const cipher = cipherOf(key);
  if (cipher !== undefined && !CIPHERS.includes(cipher))
    return `it does not read keys that are encrypted with ${cipher}. \`ssh-keygen -p -Z aes256-ctr -f FILE\` encrypts it as it reads it.`;
  const encrypted = cipher === undefined ? /^DEK-Info:/m.test(key) : cipher !== "none";
  if (passphrase !== undefined && !encrypted)
    return "it refuses privateKeyPassword for a key that has no pass phrase. Take privateKeyPassword out of the connection.";
  return undefined;
}

/** The cipher of a key in OpenSSH's own format; undefined when it is in another. */
function cipherOf(key: string): string | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(key)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return undefined;
  const length = bytes.readUInt32BE(MAGIC.length);
  return bytes.toString("latin1", MAGIC.length + 4, MAGIC.length + 4 + length);
}
