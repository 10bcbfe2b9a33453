import { execFileSync } from "node:child_process";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";

const listening = (server: Server, address: string): Promise<number> =>
  new Promise((resolve, reject) =>
    server.once("error", reject).listen(0, address, () => {
      const at = server.address();
      server.unref();
      resolve(typeof at === "object" && at ? at.port : 0);
    }),
  );

/** A port where something listens that speaks no Erlang. */
export const serverThat = (does: "says nothing" | "hangs up", address: string): Promise<number> =>
  listening(
    createServer((socket) => {
      socket.on("error", () => undefined).unref();
      if (does === "hangs up") socket.end();
    }),
    address,
  );

/** What an epmd lists. */
export async function namesOf(address: string, epmdPort: number): Promise<{ name: string; port: number }[]> {
  const socket = createConnection({ host: address, port: epmdPort });
  socket.write(Buffer.from([0, 1, 110]));
  let said = "";
  for await (const chunk of socket) said += (chunk as Buffer).toString("latin1");
  return [...said.matchAll(/name (\S+) at port (\d+)/g)].map(([, name = "", port]) => ({
    name,
    port: Number(port),
  }));
}

/** Has an epmd list a name, until the function that is returned is called. */
export async function listIn(
  address: string,
  epmdPort: number,
  name: string,
  port: number,
): Promise<() => void> {
  const socket = createConnection({ host: address, port: epmdPort });
  const [kind, protocol, newest, oldest] = [77, 0, 5, 5];
  const request = Buffer.from([
    ...[120, port >> 8, port & 255, kind, protocol, 0, newest, 0, oldest],
    ...[0, name.length, ...Buffer.from(name), 0, 0],
  ]);
  socket.write(Buffer.concat([Buffer.from([0, request.length]), request]));
  await new Promise((resolve, reject) => socket.once("data", resolve).once("error", reject));
  return () => void socket.destroy();
}

/** A way to a server that can be cut: from then on nothing goes through, and neither side is told. */
export interface Way {
  port: number;
  cut(): void;
  /** How many connections the server still has on this way. */
  open(): number;
  end(): void;
}

export async function wayTo(address: string, port: number): Promise<Way> {
  const pairs: [Socket, Socket][] = [];
  const server = createServer((near) => {
    const far = createConnection({ host: address, port });
    for (const socket of [near, far]) socket.on("error", () => undefined).unref();
    near.pipe(far);
    far.pipe(near);
    pairs.push([near, far]);
  });
  return {
    port: await listening(server, "127.0.0.1"),
    cut: () => {
      for (const [near, far] of pairs) {
        for (const socket of [near.unpipe(far), far.unpipe(near)]) socket.pause();
      }
    },
    open: () => pairs.filter(([, far]) => !far.destroyed).length,
    end: () => {
      for (const socket of pairs.flat()) socket.destroy();
      server.close();
    },
  };
}

/** Lets every user of the machine come to a directory and read what is in it. */
export function openWay(directory: string, inner: string): void {
  for (let path = dirname(inner); path.length >= directory.length; path = dirname(path))
    execFileSync("chmod", ["a+rx", path]);
  execFileSync("chmod", ["-R", "a+rX", inner]);
}
