import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServerHostKeyAlgorithm } from "ssh2";
import type { Endpoint } from "../connection";
import { RemoteError } from "../errors";
import { knownHostsName, lookUpKnownHosts } from "./knownHosts";
import {
  fingerprint,
  keyFromBlob,
  type PublicKey,
  parsePublicKey,
  publicKeyLine,
  sameKey,
} from "./publicKey";

/** Where OpenSSH keeps the keys of known hosts: the user's files and the machine's. */
export function defaultKnownHostsFiles(): string[] {
  const own = join(homedir(), ".ssh");
  return [
    join(own, "known_hosts"),
    join(own, "known_hosts2"),
    "/etc/ssh/ssh_known_hosts",
    "/etc/ssh/ssh_known_hosts2",
  ];
}

/** What is known about one server's key before it is dialled. */
export interface HostKeyPolicy {
  /** Key types to ask for, those already known first, so that the server presents the key we can check. */
  algorithms: ServerHostKeyAlgorithm[];
  /** Nothing when the presented key (wire form) is the right one, else why it is refused. */
  refusal(presented: Buffer): RemoteError | undefined;
}

/**
 * The rule for one server: the pinned `hostKey` when there is one, else the known_hosts files, else nothing
 * is accepted. A key marked `@revoked` is refused even when it is pinned.
 */
export function hostKeyPolicy(
  endpoint: Endpoint,
  label: string,
  files: readonly string[] = defaultKnownHostsFiles(),
): HostKeyPolicy {
  const known = lookUpKnownHosts(files.map(readOrEmpty), endpoint.host, endpoint.port);
  const pinned = endpoint.hostKey === undefined ? undefined : parsePublicKey(endpoint.hostKey);
  const accepted = endpoint.hostKey === undefined ? known.accepted : pinned ? [pinned] : [];
  const name = knownHostsName(endpoint.host, endpoint.port);
  return {
    algorithms: preferredAlgorithms(accepted),
    refusal(presented) {
      const key = keyFromBlob(presented);
      if (!key)
        return new RemoteError("hostKey", label, `${label} presented a host key that cannot be read.`);
      if (known.revoked.some((revoked) => sameKey(revoked, key))) return revokedKey(label, key);
      if (accepted.some((expected) => sameKey(expected, key))) return undefined;
      if (accepted.length > 0) return changedKey(label, key, accepted, name, pinned !== undefined);
      return unknownKey(label, key, name, {
        ...(files[0] && { file: files[0] }),
        certified: known.certified,
      });
    },
  };
}

const ALGORITHMS: Record<string, ServerHostKeyAlgorithm[]> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

function preferredAlgorithms(accepted: readonly PublicKey[]): ServerHostKeyAlgorithm[] {
  const known = accepted.flatMap((key) => ALGORITHMS[key.type] ?? []);
  return [...new Set([...known, ...Object.values(ALGORITHMS).flat()])];
}

function changedKey(
  label: string,
  key: PublicKey,
  accepted: readonly PublicKey[],
  name: string,
  pinned: boolean,
): RemoteError {
  const expected = accepted.map((one) => `${one.type} ${fingerprint(one)}`).join(" or ");
  const source = pinned ? "the connection's hostKey" : `known_hosts (${name})`;
  return new RemoteError(
    "hostKey",
    label,
    `The host key of ${label} is not the expected one, so nothing was sent to it. ` +
      `Expected from ${source}: ${expected}; presented: ${key.type} ${fingerprint(key)}. ` +
      `Either another machine answers at this address, or the host was reinstalled. Compare with ` +
      `\`ssh-keygen -lf ${keyFile(key)}\` on the host itself; if that is the presented fingerprint, put ` +
      `\`${publicKeyLine(key)}\` in place of the old key.`,
  );
}

function unknownKey(
  label: string,
  key: PublicKey,
  name: string,
  { file = "~/.ssh/known_hosts", certified }: { file?: string; certified: boolean },
): RemoteError {
  return new RemoteError(
    "hostKey",
    label,
    `The host key of ${label} is not known, so nothing was sent to it. It presented ${key.type} ${fingerprint(key)}. ` +
      (certified
        ? "known_hosts has a @cert-authority for it: `ssh` takes its certificate, which is not read here. "
        : "") +
      `Compare with \`ssh-keygen -lf ${keyFile(key)}\` on the host itself; if they agree, set ` +
      `hostKey: "${publicKeyLine(key)}" in the connection, or add this line to ${file}: ${name} ${publicKeyLine(key)}`,
  );
}

function revokedKey(label: string, key: PublicKey): RemoteError {
  return new RemoteError(
    "hostKey",
    label,
    `${label} presented a host key that known_hosts marks as @revoked, so nothing was sent to it: ` +
      `${key.type} ${fingerprint(key)}. Give the host a new key and pin that one.`,
  );
}

function keyFile(key: PublicKey): string {
  const kind = key.type.startsWith("ecdsa") ? "ecdsa" : key.type.replace(/^ssh-/, "");
  return `/etc/ssh/ssh_host_${kind}_key.pub`;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // A file that is not there knows no host; one that cannot be read must not stop a pinned key.
    return "";
  }
}

/** A well-formed ed25519 key to which nobody has the private half: made of a text. */
const NOBODYS_KEY = publicKeyLine({
  type: "ssh-ed25519",
  blob: Buffer.concat([
    Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20", "latin1"),
    createHash("sha256").update("the host key of a host that is not known").digest(),
  ]),
});

/**
 * The line of a server's key as known_hosts has it, for a client that takes one key only and any key without one:
 * ed25519 before the others, as OpenSSH prefers it. Of a server that is not known, a key that no server has, so that
 * the client says no before it logs in.
 */
export function expectedHostKey(
  host: string,
  port = 22,
  files: readonly string[] = defaultKnownHostsFiles(),
): string {
  const { accepted, revoked } = lookUpKnownHosts(files.map(readOrEmpty), host, port);
  const good = accepted.filter((key) => !revoked.some((one) => sameKey(one, key)));
  const best = good.find((key) => key.type === "ssh-ed25519") ?? good[0];
  return best ? publicKeyLine(best) : NOBODYS_KEY;
}
