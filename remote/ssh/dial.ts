import { connect as openSocket } from "node:net";
import type { Duplex } from "node:stream";
import { type AnyAuthMethod, Client, utils } from "ssh2";
import type { Endpoint } from "../connection";
import { excerpt, messageOf, RemoteError } from "../errors";
import { algorithms, nothingInCommon } from "./algorithms";
import type { HostKeyPolicy } from "./hostKeys";

/** The byte stream under an SSH connection, and whether it keeps the process alive. */
export interface Carrier {
  stream: Duplex;
  /** Called with `true` while work is under way and with `false` while the connection idles. */
  keepAlive(busy: boolean): void;
}

/**
 * Milliseconds for each address of a name but its last. Node's own 250 ms are too few for a far host: it would never be reached
 * where the addresses after its good one lead nowhere.
 */
const ADDRESS_MS = 4_000;

/**
 * Opens a TCP connection. Without Nagle's delay: SSH sends small packets and waits for replies, which that
 * delay slows down a hundredfold.
 *
 * @param seconds limit, 0 for the system's own
 */
export function openCarrier(host: string, port: number, seconds: number): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const socket = openSocket({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 15_000,
      autoSelectFamilyAttemptTimeout: ADDRESS_MS,
    });
    const give = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => give(new Error(`no answer within ${seconds} s`)),
      seconds > 0 ? seconds * 1000 : 2 ** 31 - 1,
    );
    socket.once("error", give);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", give);
      resolve({ stream: socket, keepAlive: (busy) => void (busy ? socket.ref() : socket.unref()) });
    });
  });
}

/** How one attempt to log in goes about it. */
export interface LoginOptions {
  /** A key to try when the agent has none that helps. One that needs a pass phrase is left out. */
  lastKey?: string | undefined;
  /** Also offer what only old servers need (see `algorithms`). */
  old?: boolean;
}

/**
 * One attempt to log in over an open stream. The server's key is checked before the first byte of a login.
 *
 * Fails with a `RemoteError` of kind `hostKey`, `algorithms`, `authentication` or `unreachable`; only the last is worth
 * another attempt.
 */
export function logIn(
  endpoint: Endpoint,
  label: string,
  policy: HostKeyPolicy,
  stream: Duplex,
  { lastKey, old = false }: LoginOptions = {},
): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    const methods = authMethods(endpoint, lastKey);
    let refusal: RemoteError | undefined;
    const offers: string[] = [];
    /** What the server asks for once it has taken a key or a password. */
    let furtherAsked: readonly string[] | undefined;
    let next = 0;
    let agentSaid = "";
    const fail = (error: Error & { level?: string }) => {
      // The library goes on with what else it was given.
      if (error.level === "agent") {
        agentSaid = `; the agent: ${messageOf(error)}`;
        return;
      }
      stream.destroy();
      reject(
        refusal ??
          nothingInCommon(error, label, offers) ??
          (furtherAsked && halfLogin(label, furtherAsked)) ??
          loginFailure(error, label, endpoint, methods, agentSaid),
      );
    };
    const closed = () => fail(new Error("the server closed the connection during the handshake"));
    // Every failure is told by `fail` or, later, by the owner's `close`; an error nobody hears ends the process.
    client.on("error", () => undefined);
    client.on("error", fail);
    client.once("close", closed);
    client.once("ready", () => {
      client.off("error", fail);
      client.off("close", closed);
      resolve(client);
    });
    client.connect({
      sock: stream,
      username: endpoint.user,
      authHandler: (left, partly) => {
        if (partly) furtherAsked = left;
        return methods[next++] ?? false;
      },
      readyTimeout: endpoint.perDialTimeout * 1000,
      keepaliveInterval: 0,
      algorithms: algorithms(policy, old),
      // Its own words are the only way to what the server offers; they cost time, which old servers alone pay.
      ...(old && {
        debug: (line: string) => void (/^Handshake: \(remote\)/.test(line) && offers.push(line)),
      }),
      hostVerifier: (key: Buffer) => {
        refusal = policy.refusal(key);
        return refusal === undefined;
      },
    });
  });
}

/** The ways to log in, in the order of `@pulumi/command`: private key, password, keyboard, agent; then a last key. */
function authMethods(endpoint: Endpoint, lastKey: string | undefined): AnyAuthMethod[] {
  const { user: username, privateKey, privateKeyPassword, password, agentSocketPath } = endpoint;
  const methods: AnyAuthMethod[] = [];
  if (privateKey !== undefined)
    methods.push({ type: "publickey", username, key: privateKey, passphrase: privateKeyPassword });
  if (password !== undefined) {
    methods.push({ type: "password", username, password });
    methods.push({
      type: "keyboard-interactive",
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
    });
  }
  if (agentSocketPath !== undefined) methods.push({ type: "agent", username, agent: agentSocketPath });
  if (lastKey !== undefined && !(utils.parseKey(lastKey) instanceof Error))
    methods.push({ type: "publickey", username, key: lastKey });
  return methods;
}

/** A server may ask for two proofs, such as a key and a code from a telephone (`AuthenticationMethods`). */
const halfLogin = (label: string, further: readonly string[]): RemoteError =>
  new RemoteError(
    "authentication",
    label,
    `${label} took the first proof of who logs in and asks for a second one (${further.join(", ")}), as AuthenticationMethods in its sshd_config says. ` +
      "A key and a password can be given here, a code cannot. Set the password too, if that is what it asks for; else have it let this user in with the key alone from this machine (Match in its sshd_config).",
  );

function loginFailure(
  error: Error & { level?: string },
  label: string,
  endpoint: Endpoint,
  methods: readonly AnyAuthMethod[],
  agentSaid: string,
): RemoteError {
  const said = excerpt(messageOf(error));
  if (methods.length === 0)
    return new RemoteError(
      "authentication",
      label,
      `No way to log in to ${label} was given. Set privateKey or password in the connection, or start an SSH agent (SSH_AUTH_SOCK).`,
    );
  const refused = error.level === "client-authentication" || /authentication failures/i.test(said);
  if (!refused) return new RemoteError("unreachable", label, said);
  const tried = methods.map((method) => method.type).join(", ");
  const mend =
    /too many authentication failures/i.test(said) && endpoint.agentSocketPath !== undefined
      ? "The agent offers more keys than that server takes (MaxAuthTries). Set privateKeyFile to the right one."
      : `Check that the key itself is in ~${endpoint.user}/.ssh/authorized_keys on that host (a certificate beside it is not used here) and that sshd allows this user to log in that way; sshd's log there has the reason.`;
  return new RemoteError(
    "authentication",
    label,
    `${label} refused the login (tried: ${tried}; ${said}${agentSaid}). ${mend}`,
  );
}
