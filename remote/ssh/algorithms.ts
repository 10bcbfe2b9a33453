import type { Algorithms } from "ssh2";
import { excerpt, messageOf, RemoteError } from "../errors";
import type { HostKeyPolicy } from "./hostKeys";

/** Said of a server that is reached with what `OLD` adds only. */
export const OLD_SERVER =
  "is an old SSH server: it signs or encrypts in ways that were given up since (SHA-1), as OpenSSH before 7.2 does";

/** What OpenSSH 5.3 (CentOS 6) and its like need beyond the library's own choice, weakest last. */
const OLD = {
  serverHostKey: ["ssh-rsa"],
  kex: ["diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1", "diffie-hellman-group1-sha1"],
  cipher: ["aes256-cbc", "aes192-cbc", "aes128-cbc"],
} as const;

const after = <T>(append: readonly T[]) => ({ append: [...append], prepend: [], remove: [] });

/**
 * What to offer a server. What only old ones need is offered after a first attempt found nothing in common: whoever
 * stands between could otherwise choose it for a server that knows better.
 */
export const algorithms = (policy: HostKeyPolicy, old: boolean): Algorithms =>
  old
    ? {
        serverHostKey: [...policy.algorithms, ...OLD.serverHostKey],
        kex: after(OLD.kex),
        cipher: after(OLD.cipher),
      }
    : { serverHostKey: policy.algorithms };

/** What the library calls the lists, in words. */
const KINDS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/key exchange/, /KEX method: (.*)/, "key exchange (KexAlgorithms)"],
  [/host key/, /Host key format: (.*)/, "host keys (HostKeyAlgorithms)"],
  [/cipher/, /C->S cipher: (.*)/, "encryption (Ciphers)"],
  [/MAC/, /C->S MAC: (.*)/, "message codes (MACs)"],
];

/**
 * The failure of a handshake in which nothing fitted; undefined when the error says something else.
 *
 * @param offers what the library said of the server's lists; empty at the first attempt
 */
export function nothingInCommon(
  error: Error,
  label: string,
  offers: readonly string[],
): RemoteError | undefined {
  const said = messageOf(error);
  if (!/no matching/.test(said)) return undefined;
  const [, list, what] = KINDS.find(([kind]) => kind.test(said)) ?? [];
  const offered = offers.map((line) => list?.exec(line)?.[1]).find((found) => found !== undefined);
  const only = what && offered ? `it offers only ${excerpt(offered)} for ${what}` : excerpt(said);
  return new RemoteError(
    "algorithms",
    label,
    `${label} answers, but this program cannot talk to it: ${only}. Add one that is in use today to its sshd_config, or update that server; then try again.`,
  );
}
