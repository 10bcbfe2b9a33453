import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Where a connection goes to. */
export type Target = { host: string; port: number } | { path: string };

/** A way to a server that takes its time. */
export interface SlowLink {
  host: string;
  port: number;
  /** Connections made so far. */
  connections(): number;
  stop(): Promise<void>;
}

/**
 * A proxy on loopback behind which a server seems to be far away: every byte arrives `oneWayMs` later, in both
 * directions, and a connection takes a round trip to be made. Works on every machine, unlike `tc netem`.
 *
 * @param host the loopback address it listens on
 */
export async function slowLink(target: Target, oneWayMs: number, host = "127.0.0.1"): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  let made = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, async (near) => {
    made += 1;
    keep(near);
    await pause(2 * oneWayMs);
    const far = keep(connect({ ...target, allowHalfOpen: true }));
    late(near, far, oneWayMs);
    late(far, near, oneWayMs);
    near.resume();
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
  return {
    host,
    port: (server.address() as AddressInfo).port,
    connections: () => made,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Hands on what one side says, later and in the same order; a broken side breaks the other. */
function late(from: Socket, to: Socket, milliseconds: number): void {
  const later = (act: () => void) => setTimeout(() => to.destroyed || act(), milliseconds);
  from.on("data", (chunk) => later(() => to.write(chunk)));
  from.once("end", () => later(() => to.end()));
  from.once("close", (broken) => broken && later(() => to.destroy()));
}
