import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Somebody else who keeps knocking at an SSH server without ever logging in. */
export interface Crowd {
  /** Local ports of the connections it made, to tell them from others in the server's log. */
  ports: Set<number>;
  leave(): Promise<void>;
}

/**
 * Occupies one unauthenticated connection to a server about a quarter of the time, until told to leave; the first
 * one until `met` says that somebody else was turned away for it.
 */
export function crowdAt(host: string, port: number, met: (own: ReadonlySet<number>) => boolean): Crowd {
  const ports = new Set<number>();
  let staying = true;
  const knock = () =>
    new Promise<void>((resolve) => {
      const socket = connect({ host, port });
      socket.once("connect", () => ports.add(socket.localPort ?? 0));
      socket.once("data", async () => {
        do await pause(100);
        while (staying && !met(ports));
        socket.destroy();
      });
      socket.once("error", () => undefined);
      socket.once("close", () => resolve());
    });
  const knocking = (async () => {
    while (staying) {
      await knock();
      await pause(300);
    }
  })();
  const leave = async () => {
    staying = false;
    await knocking;
  };
  return { ports, leave };
}

/** Local ports of the connections that a server turned away because too many were not logged in yet. */
export function turnedAway(sshdLog: string): number[] {
  const lines = sshdLog.matchAll(/^.*drop connection #\d+ from \[[^\]]*\]:(\d+).*$/gm);
  return [...lines].map(([, port]) => Number(port));
}
