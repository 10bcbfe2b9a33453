import { connect } from "node:http2";

/** Milliseconds between two attempts to reach an engine whose connection ended. */
const PAUSE_MS = 500;

/**
 * Calls back when the engine at this address is gone: it closed a connection and listens no more. Pulumi starts a provider in a
 * process group of its own and behind a shell, so that neither a signal nor the end of its parent tells it that a `pulumi`
 * that was killed has exited.
 *
 * The connection speaks HTTP/2, as the engine's gRPC does: one that says nothing would hold up an engine that ends in order.
 */
export function whenEngineGone(address: string, gone: () => void): void {
  const session = connect(`http://${address}`);
  session.unref();
  let refused = false;
  session.on("error", (error: NodeJS.ErrnoException) => {
    refused = error.code === "ECONNREFUSED";
  });
  session.once("close", () => {
    if (refused) gone();
    else setTimeout(() => whenEngineGone(address, gone), PAUSE_MS).unref();
  });
}
