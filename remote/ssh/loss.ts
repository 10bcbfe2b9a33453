import { RemoteError } from "../errors";

/** The error of a connection that ended before anything was run on it. */
export function lostConnection(label: string): RemoteError {
  return new RemoteError(
    "closed",
    label,
    `The connection to ${label} ended while a session was being opened; nothing was run. Try again.`,
  );
}

/** The error of a script whose end was never seen. */
export function interrupted(label: string, what: string): RemoteError {
  return new RemoteError(
    "closed",
    label,
    `The SSH session on ${label} ended while \`${what}\` ran. ` +
      `It may have done its work or not: look before it is repeated. The next use connects again.`,
  );
}
