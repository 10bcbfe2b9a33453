import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optionalProgram } from "../unit/support/optionalProgram";

/** A way to servers on which packets are lost. */
export interface LossyWire {
  /** Where to enter it for this server: a local socket. */
  to(host: string, port: number): Promise<string>;
  /** Packets that were dropped so far. */
  dropped(): number;
  stop(): Promise<void>;
}

/**
 * What runs inside the namespace: from a local socket over TCP on its loopback, where packets get lost, to another
 * local socket. Local sockets are the way in and out, since they do not belong to a network.
 */
const INSIDE = `
const net = require("node:net");
const [entry, exit] = process.argv.slice(2);
const join = (one, other) => {
  for (const [from, to] of [[one, other], [other, one]]) {
    from.on("error", () => from.destroy());
    from.once("close", () => to.destroy());
    from.setNoDelay(true);
    from.pipe(to);
  }
};
const wire = net.createServer({ allowHalfOpen: true }, (far) => join(far, net.connect({ path: exit, allowHalfOpen: true })));
wire.listen(0, "127.0.0.1", () => {
  const { port } = wire.address();
  net.createServer({ allowHalfOpen: true }, (near) => join(near, net.connect({ port, host: "127.0.0.1", allowHalfOpen: true })))
    .listen(entry, () => console.log("ready"));
});
`;

const run = (program: string, ...args: string[]) => spawnSync(program, args, { encoding: "utf8" });

/**
 * A network namespace of the test's own whose loopback loses this share of all TCP packets, both ways. Undefined, and
 * a line that says why, where the machine does not allow it (root, `ip netns` and nftables are needed).
 */
export async function lossyWire(percent: number): Promise<LossyWire | undefined> {
  const nft = optionalProgram("nft", "nftables");
  const ip = optionalProgram("ip", "iproute2");
  if (!nft || !ip) return undefined;
  const name = `recovery-test-${process.pid}`;
  const rules = `table ip t {
  counter lost { }
  chain c { type filter hook input priority 0; ip protocol tcp numgen random mod 100 < ${percent} counter name lost drop; }
}`;
  const folder = mkdtempSync(join(tmpdir(), "leofs-recovery-wire-"));
  writeFileSync(join(folder, "rules"), rules);
  writeFileSync(join(folder, "inside.js"), INSIDE);
  const inside = (program: string, ...args: string[]) => run(ip, "netns", "exec", name, program, ...args);
  const steps = [
    () => run(ip, "netns", "add", name),
    () => run(ip, "-n", name, "link", "set", "lo", "up"),
    () => inside(nft, "-f", join(folder, "rules")),
  ];
  const remove = () => {
    run(ip, "netns", "del", name);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const step of steps) {
    const { status, stderr } = step();
    if (status === 0) continue;
    remove();
    console.log(`SKIPPED: a lossy link cannot be made on this machine: ${stderr?.trim()}`);
    return undefined;
  }
  const parts: { child: ChildProcess; server: Server }[] = [];
  return {
    async to(host, port) {
      const [entry, exit] = ["entry", "exit"].map((end) => join(folder, `${end}${parts.length}`)) as [
        string,
        string,
      ];
      const server = createServer({ allowHalfOpen: true }, (wire) => {
        const target = connect({ host, port, allowHalfOpen: true, noDelay: true });
        for (const [one, other] of [[wire, target] as const, [target, wire] as const]) {
          one.on("error", () => one.destroy());
          one.once("close", () => other.destroy());
          one.pipe(other);
        }
      });
      await new Promise<void>((resolve) => server.listen(exit, resolve));
      const command = ["netns", "exec", name, process.execPath, join(folder, "inside.js"), entry, exit];
      const child = spawn(ip, command, { stdio: ["ignore", "pipe", "inherit"] });
      parts.push({ child, server });
      await new Promise((resolve, reject) => {
        child.stdout!.once("data", resolve);
        child.once("exit", (code) => reject(new Error(`the lossy wire ended with ${code}`)));
      });
      return entry;
    },
    dropped: () =>
      Number(/packets (\d+)/.exec(inside(nft, "list", "counter", "ip", "t", "lost").stdout)?.[1] ?? 0),
    async stop() {
      for (const { child, server } of parts) {
        if (child.exitCode === null) {
          const ended = new Promise((resolve) => child.once("exit", resolve));
          child.kill("SIGKILL");
          await ended;
        }
        server.close();
      }
      remove();
    },
  };
}
