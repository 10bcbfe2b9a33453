import { appendFile, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startHost, stopHost } from "../../sandbox/sshHosts";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { secret } from "../../tools/stackConfig";
import { changesSince, pictureAtRest } from "./support/picture";
import { managerSettings, sandboxForFile } from "./support/refusalRig";
import { type StackRun, stackForFile } from "./support/stackRuns";

const sandbox = sandboxForFile();
const stack = stackForFile();

/** A preview on a new stack, which must succeed and leave every host as it was. */
async function preview(settings: Record<string, unknown>): Promise<StackRun & { text: string }> {
  await stack.forget();
  await stack.configure({ production: settings });
  const before = await pictureAtRest(sandbox());
  const run = await stack.preview();
  expect(await changesSince(sandbox(), before)).toEqual([]);
  expect(run.errors).toEqual([]);
  expect(run.succeeded).toBe(true);
  return { ...run, text: run.plan.production ?? "" };
}

const node = (name: string) => sandbox().manager(name).node;
/** Where the plan first says this. */
const at = (text: string, what: string): number => {
  expect(text).toContain(what);
  return text.indexOf(what);
};

describe("the plan of an in-place recovery", () => {
  it("is there with both managers down: who stopped last, which files go where", async () => {
    await sandbox().stopManager("slave");
    await sandbox().stopManager("master");
    const { text, changes } = await preview(inPlaceSettings(sandbox().description, "both-down", "auto"));
    expect(Object.keys(changes)).toEqual(["create"]);
    expect(text).toContain(`in-place recovery, incident both-down: ${node("master")} stopped last`);
    for (const role of ["master", "slave"])
      expect(text).toMatch(
        new RegExp(`${node(role)} \\(${role}, \\S+\\) is down; \\d+ Mnesia files, \\d+ kB`),
      );
    expect(text).toMatch(/schema\.DAT +\d+ (bytes|kB)/);
    const { home, backups } = sandbox().manager("slave");
    expect(text).toContain(`into ${backups}/production-both-down`);
    expect(text).toContain(`then move the directory aside to ${home}/work/mnesia/127.0.0.1.both-down`);
    expect(text).toContain(`put the files of ${node("master")}, out of their proven backup, into ${home}`);
    expect(at(text, "stop ")).toBeLessThan(at(text, "start the donor"));
    expect(text).not.toMatch(/REFUSED|NOT REACHED/);
    await sandbox().start();
    await sandbox().waitForPair();
  });
});

describe("the plan of a takeover", () => {
  beforeAll(async () => {
    await sandbox().lose("master");
    await sandbox().spare();
  });

  it("says who is alive, and step by step what would be done where", async () => {
    const { text, changes, operations } = await preview(takeoverSettings(sandbox().description, "lost"));
    expect(Object.keys(changes)).toEqual(["create"]);
    expect(operations).toMatchObject({
      "production-check": "create",
      "production-dump": "create",
      "production-registration": "create",
    });
    const [old, fresh] = [node("manager_1"), node("manager_2")];
    expect(text).toContain(`takeover of ${node("manager_0")}, incident lost`);
    expect(text).toMatch(
      new RegExp(`${old} \\(slave, \\S+\\) runs \\(process \\d+\\), 22 tables, \\d+ rows`),
    );
    expect(text).toMatch(new RegExp(`${fresh} \\(master, \\S+\\) is down; 0 Mnesia files, 0 bytes`));
    expect(text).toMatch(new RegExp(`${node("manager_0")} does not answer`));
    expect(text).toMatch(/schema\.DAT +\d+ (bytes|kB)/);
    expect(text).toContain(`-manager.partner = ${node("manager_0")}`);
    expect(text).toContain(`+manager.partner = ${fresh}`);
    expect(text).toContain("-manager.partner = manager_1@127.0.0.1");
    expect(text).toContain(`+manager.partner = ${old}`);
    const nodes = Object.values(sandbox().description.nodes).map((one) => one.node);
    expect(text).toContain(`tell ${nodes.length} storage and gateway nodes the new pair`);
    for (const one of nodes) expect(text).toContain(one);
    expect(text).toMatch(/the outage of the managers begins; S3 goes on/);
    const steps = ["dump ", `stop ${old}`, "back up the files", "start the master", "load the dump", "proof"];
    const places = steps.map((step) => at(text, step));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it("shows a key that is a secret of the settings nowhere", async () => {
    const key = await readFile(sandbox().description.key, "utf8");
    const settings = (name: string) => {
      const { connection, ...rest } = managerSettings(sandbox(), name);
      const { privateKeyFile: _, ...others } = connection;
      return { ...rest, connection: { ...others, privateKey: secret(key) } };
    };
    const takeover = {
      lost: node("manager_0"),
      survivor: settings("manager_1"),
      replacement: settings("manager_2"),
    };
    const { text, screen } = await preview({ incident: "with-secrets", takeover });
    expect(text).toMatch(/22 tables/);
    expect(screen).toContain("[secret]");
    expect(screen).not.toContain(key.split("\n")[2]);
    expect(screen).not.toContain("PRIVATE KEY");
    expect(screen).not.toContain(sandbox().description.cookie);
  });

  it("names each hazard: a node that is down, a key that LeoFS ignores", async () => {
    await sandbox().controlNode("gateway_0", "stop");
    const conf = join(sandbox().manager("manager_2").home, "etc", "leo_manager.conf");
    await appendFile(conf, "manager.partnr = manager_9@10.0.0.9\n");
    const { text } = await preview(takeoverSettings(sandbox().description, "hazards"));
    expect(text).toMatch(
      /hazard: gateway gateway_0@\S+ does not answer .*; it stays as debt until it is back/,
    );
    expect(text).toMatch(
      /hazard: .*LeoFS ignores the unknown key manager\.partnr \(manager\.partner meant\?\)/,
    );
    expect(text).not.toMatch(/REFUSED/);
  });

  it("has a line for a host that is down, and one for a host that says nothing", async () => {
    const { directory, tools } = sandbox();
    const { address, sshPort: port } = sandbox().manager("manager_2");
    await stopHost({ directory, name: "manager_2" });
    onTestFinished(() => startHost(tools, { directory, name: "manager_2", address, port }));
    const refused = await preview(takeoverSettings(sandbox().description, "host-down"));
    expect(refused.text).toMatch(/NOT REACHED: manager_2@\S+: .*(ECONNREFUSED|did not answer within 5 s)/);
    expect(refused.text).toContain("pulumi up would stop here, before any change");
    expect(refused.text).toMatch(new RegExp(`${node("manager_1")} \\(slave, \\S+\\) runs`));

    const mute = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => mute.once("listening", resolve));
    onTestFinished(() => void mute.close());
    const here = mute.address() as { port: number };
    const replacement = managerSettings(sandbox(), "manager_2");
    const takeover = {
      lost: node("manager_0"),
      survivor: managerSettings(sandbox(), "manager_1"),
      replacement: {
        ...replacement,
        connection: { ...replacement.connection, host: "127.0.0.1", port: here.port },
      },
    };
    const silent = await preview({ incident: "host-mute", takeover });
    expect(silent.text).toMatch(
      /NOT REACHED: manager_2@\S+: .*(did not answer|could not be reached) within 5/,
    );
  });
});
