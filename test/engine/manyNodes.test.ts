import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Journal } from "../../leofs/incident/journal";
import type { ListedNode } from "../../leofs/names";
import { confPlan } from "../../leofs/nodes/confPlan";
import type { PlanLine } from "../../leofs/planLine";
import { changeConfs, confFindings } from "../../providers/nodes/nodeConfs";
import { Session } from "../../providers/session/session";
import type { NodesTarget } from "../../providers/targets/arguments";
import { closeAll } from "../../remote/ssh/pool";
import { eventually, type Server, startServer } from "../remote/sshd";
import { LocalHost } from "../unit/support/localHost";
import { counted } from "./support/counts";

/*
 * The confs of many nodes in one process, each node on a host of its own: an address of its own, at which one of some real
 * sshd listens (a server listens at 16 addresses at most), and a home of its own. How many: `npm run test:nodes -- --nodes 500`.
 */
const NODES = counted("nodes", 45);
const ADDRESSES = 15;
const PAIR = ["manager_2@10.0.0.13", "manager_1@10.0.0.12"];
const COMMON = { cluster: "many", incident: "one" };
const LIMIT_MIB = 150;

const servers: Server[] = [];
let root: string;
let nodes: NodesTarget;
const listed: ListedNode[] = [];
const conf = (node: string) => `managers = [manager_0@10.0.0.11, manager_1@10.0.0.12]\nnodename = ${node}\n`;
const confOf = (number: number) => join(root, String(number), "etc/leo_storage.conf");

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "leofs-recovery-nodes-"));
  const except: NonNullable<NodesTarget["except"]> = {};
  for (let first = 0; first < NODES; first += ADDRESSES) {
    const numbers = Array.from({ length: Math.min(ADDRESSES, NODES - first) }, (_, n) => first + n);
    const addresses = numbers.map((n) =>
      `127.80.${process.pid % 250}.${n % 250}`.replace(".80.", `.${80 + Math.floor(n / 250)}.`),
    );
    const config = [...addresses.map((address) => `ListenAddress ${address}`), "MaxStartups 200"];
    const server = await startServer({ config });
    servers.push(server);
    for (const [index, number] of numbers.entries()) {
      const node = `storage_${number}@${addresses[index]}`;
      const home = join(root, String(number));
      await mkdir(join(home, "etc"), { recursive: true });
      await writeFile(confOf(number), conf(node));
      const { port, user, privateKey, hostKey } = server.connection;
      except[node] = {
        home,
        connection: { port: port!, user: user!, privateKey: privateKey!, hostKey: hostKey! },
      };
      listed.push({ node, type: "storage" });
    }
  }
  nodes = { runAs: userInfo().username, except };
});

afterAll(async () => {
  closeAll();
  await Promise.all(servers.map((server) => server.stop()));
  if (root) await rm(root, { recursive: true, force: true });
});

const logins = () => servers.reduce((sum, server) => sum + server.logins(), 0);
const mebibytes = (bytes: number) => Math.round(bytes / 1024 / 1024);

/** What this process takes at most while `run` runs, beyond what it takes before, in MiB; and how long it runs, in seconds. */
async function cost(run: () => Promise<unknown>): Promise<{ more: number; seconds: number }> {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
  const started = performance.now();
  await run();
  clearInterval(watch);
  return { more: mebibytes(most - before), seconds: Math.round((performance.now() - started) / 100) / 10 };
}

const session = new Session();

describe(`the confs of ${NODES} nodes, each on a host of its own`, () => {
  it("are looked at with one login a host, and are a few lines", async () => {
    let plan: PlanLine[] = [];
    const { more, seconds } = await cost(async () => {
      plan = confPlan(await confFindings({ session, nodes, common: COMMON }, listed, PAIR), PAIR);
    });
    console.log(`looked at ${NODES} confs in ${seconds} s with ${more} MiB more`);
    expect(plan).toHaveLength(2);
    expect(plan[1]).toMatch(new RegExp(`^${NODES} storage nodes: change etc/leo_storage.conf \\(`));
    expect(logins()).toBe(NODES);
    expect(more).toBeLessThan(LIMIT_MIB);
  });

  it("are changed with one login a host, counted as they get on", async () => {
    const said: string[] = [];
    const progress = { step: (text: string) => said.push(text), note: () => {}, warn: async () => {} };
    const directory = join(root, "journal of the manager");
    const journal = new Journal({ host: new LocalHost(), directory, as: undefined });
    const before = logins();
    let changed: Awaited<ReturnType<typeof changeConfs>> | undefined;
    const { more, seconds } = await cost(async () => {
      changed = await changeConfs({ session, nodes, common: COMMON }, listed, PAIR, journal, progress);
    });
    console.log(`changed ${NODES} confs in ${seconds} s with ${more} MiB more`);
    expect(changed?.debt).toEqual([]);
    expect(changed?.evidence).toEqual([
      expect.stringContaining(`the confs of ${NODES} of ${NODES} nodes name`),
    ]);
    expect(logins() - before).toBe(NODES);
    expect(said).toContain(`confs of storage and gateway nodes: ${NODES >> 1} of ${NODES}`);
    for (const [number, { node }] of listed.entries())
      expect(await readFile(confOf(number), "utf8")).toBe(
        conf(node).replace(/\[.*\]/, `[${PAIR.join(", ")}]`),
      );
    await eventually(
      () => servers.every((server) => server.children().length === 0),
      "no connection to be left",
    );
    expect(more).toBeLessThan(LIMIT_MIB);
  });
});
