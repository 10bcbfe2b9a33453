import type { Client, ClientChannel } from "ssh2";
import { excerpt, messageOf, RemoteError } from "../errors";
import { untilAborted } from "./deadline";

/** SSH's reason code for "administratively prohibited" (RFC 4254, 5.1). */
const PROHIBITED = 1;

/** Asks the server behind `client` to connect somewhere, and gives the connection as a stream. */
export async function forward(
  client: Client,
  label: string,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<ClientChannel> {
  let given = false;
  const opening = new Promise<ClientChannel>((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
      if (error) return reject(error);
      if (given) channel.destroy();
      resolve(channel);
    });
  });
  try {
    return await untilAborted(opening, signal);
  } catch (error) {
    given = true;
    signal.throwIfAborted();
    throw refusal(error, label, address, port);
  }
}

function refusal(error: unknown, label: string, address: string, port: number): RemoteError {
  const said = excerpt(messageOf(error).replace(/^\(SSH\) /, ""));
  if (error instanceof Error && "reason" in error && error.reason === PROHIBITED)
    return new RemoteError(
      "forwarding",
      label,
      `The SSH server of ${label} does not forward connections to ${address}:${port} (${said}). ` +
        `Set \`AllowTcpForwarding yes\` in its sshd_config and check PermitOpen, or do without forwarding.`,
    );
  return new RemoteError(
    "unreachable",
    label,
    `${address}:${port}, as seen from ${label}, does not accept connections (${said}). ` +
      `Check that the service runs and listens on that address.`,
  );
}
