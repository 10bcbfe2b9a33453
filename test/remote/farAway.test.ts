import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionArgs } from "../../remote/connection";
import { copyFile } from "../../remote/copy/copy";
import { copyDirectory } from "../../remote/copy/copyDirectory";
import { acquireLock } from "../../remote/lock/lock";
import { closeAll, connect } from "../../remote/ssh/pool";
import { sh } from "../support/shell";
import { type LossyWire, lossyWire } from "./lossyWire";
import { type SlowLink, slowLink } from "./slowLink";
import { type Server, startServer } from "./sshd";

const PERCENT = 5;

let wire: LossyWire | undefined;
let server: Server;
let link: SlowLink | undefined;
let far: ConnectionArgs;

beforeAll(async () => {
  [server, wire] = await Promise.all([startServer(), lossyWire(PERCENT)]);
});
afterEach(async () => {
  closeAll();
  await link?.stop();
});
afterAll(async () => {
  await server.stop();
  await wire?.stop();
});

const links = [
  ["200 ms there and back", 100, false],
  [`100 ms there and back that loses ${PERCENT} % of the packets`, 50, true],
] as const;

describe.each(links)("over a link of %s", (_, oneWayMs, lossy) => {
  const begin = async () => {
    const { address, port } = server;
    const target = lossy ? { path: await wire!.to(address, port) } : { host: address, port };
    link = await slowLink(target, oneWayMs);
    far = { ...server.connection, host: link.host, port: link.port };
  };

  it("commands, streams, copies and the lock work, on one connection", async ({ skip }) => {
    skip(lossy && !wire, "no lossy link can be made on this machine");
    await begin();
    const before = wire?.dropped() ?? 0;
    const host = connect(far);
    const near = connect(server.connection);
    const outputs = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => host.run(sh('echo "$1"'), { list: [String(n)] })),
    );
    expect(outputs.map(({ stdout }) => stdout)).toEqual(["1\n", "2\n", "3\n", "4\n", "5\n", "6\n"]);
    const bytes = randomBytes(1_500_000);
    const source = join(server.directory, `source-${oneWayMs}-${lossy}`);
    mkdirSync(join(source, "sub"), { recursive: true });
    writeFileSync(join(source, "large"), bytes);
    writeFileSync(join(source, "sub", "small"), "small");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(await copyFile(host, join(source, "large"), near, `${source}.here`)).toMatchObject({ sha256 });
    const there = await copyDirectory(near, source, host, `${source}.there`);
    expect(there.find(({ path }) => path === "large")).toMatchObject({ sha256 });
    const owner = { incident: "far", run: `run-${oneWayMs}-${lossy}`, stack: "far" };
    const lock = await acquireLock(host, `${source}.lock`, owner);
    await lock.verify();
    await lock.release();
    expect(link?.connections()).toBe(1);
    if (lossy) {
      const lost = wire!.dropped() - before;
      console.log(`packets lost: ${lost}`);
      expect(lost).toBeGreaterThan(0);
    }
  });
});
