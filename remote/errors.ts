/**
 * What went wrong with a host, for code that must decide:
 *
 * - `unreachable`: no connection, or nobody listens where the host was asked to dial
 * - `hostKey`: the host's key is unknown, changed or revoked; nothing was sent to it
 * - `algorithms`: this program and the server have no algorithm in common
 * - `authentication`: the host refused the login
 * - `timeout`: a limit passed; a script that had begun may have done its work
 * - `closed`: the connection ended meanwhile; a script that had begun may have done its work
 * - `forwarding`: the SSH server does not forward TCP connections
 * - `sudo`: the login user may not act as the user asked for
 * - `channel`: connected, but no usable shell or too much output
 */
export type RemoteErrorKind =
  | "unreachable"
  | "hostKey"
  | "algorithms"
  | "authentication"
  | "timeout"
  | "closed"
  | "forwarding"
  | "sudo"
  | "channel";

/** A failure of the way to a host, never of a script: those end with their exit code. Holds no secret. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";

  /**
   * @param kind what code decides by
   * @param host label of the host, such as `leofs@10.0.0.11:22`
   * @param message what happened, the evidence, what to do next
   */
  constructor(
    readonly kind: RemoteErrorKind,
    readonly host: string,
    message: string,
  ) {
    super(message);
  }
}

/** The first lines of what a host said, on one line and short, for use inside a message. */
export function excerpt(text: string, limit = 300): string {
  const flat = text
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return flat.length > limit ? `${flat.slice(0, limit)}...` : flat;
}

/** The text of anything thrown. Of a name with several addresses each attempt has a text, and the whole none. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0)
    return [...new Set(error.errors.map(messageOf))].join("; ");
  return error instanceof Error ? error.message || error.name : String(error);
}
