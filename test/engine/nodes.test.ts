import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { changedLines } from "./support/backups";
import { sandboxForFile } from "./support/refusalRig";
import { type StackRun, stackForFile } from "./support/stackRuns";

const sandbox = sandboxForFile({ storages: 2, nodeHosts: true });
const stack = stackForFile();
const NAMES = ["storage_0", "storage_1", "gateway_0"] as const;

const nodeOf = (name: string) => sandbox().description.nodes[name]!;
const etcOf = (name: string) => join(nodeOf(name).home, "etc");
const confOf = (name: string) => join(etcOf(name), `leo_${nodeOf(name).type}.conf`);
const read = (name: string) => readFile(confOf(name), "utf8");
const pair = () => ["manager_2", "manager_1"].map((name) => sandbox().manager(name).node);
const kept = (name: string) =>
  readFile(
    join(
      nodeOf(name).home,
      `work/leofs-recovery/production-second/leo_${nodeOf(name).type}.conf.${nodeOf(name).node}`,
    ),
    "utf8",
  );
const registration = ({ operations }: StackRun) => operations["production-registration"];

const before: Record<string, string> = {};
let previewed: StackRun;
let failed: StackRun;
let rolledBack: StackRun;
let between: Record<string, string>;
let ran: StackRun;

const confs = async () =>
  Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await read(name)] as const)));

/** The survivor's host has no room for one file, once: the note that the pair is proven, the last thing to be done. */
async function failToNoteTheProof(): Promise<void> {
  const { backups } = sandbox().manager("manager_1");
  const mktemp = join(dirname(backups), "bin", "mktemp");
  const script = `#!/bin/sh
case $* in *.proven.done.*) rm -- "$0"; echo "mktemp: No space left on device" >&2; exit 1 ;; esac
exec /usr/bin/mktemp "$@"
`;
  await writeFile(mktemp, script, { mode: 0o755 });
}

beforeAll(async () => {
  Object.assign(before, await confs());
  await sandbox().lose("master");
  await sandbox().spare();
  await sandbox().cutOffNode("storage_1");
  const settings = takeoverSettings(sandbox().description, "first");
  await failToNoteTheProof();
  await stack.configure({ production: settings });
  previewed = await stack.preview();
  failed = await stack.up();
  between = await confs();
  await stack.configure({ production: { ...settings, rollback: true } });
  rolledBack = await stack.up();
  const after = await confs();
  expect(after).toEqual(before);
  await stack.configure({ production: { ...settings, incident: "second" } });
  ran = await stack.up();
});

/** What a run did with everything but the registration: nothing, when the pair was recovered before. */
const others = ({ operations }: StackRun) =>
  Object.entries(operations).filter(([name, what]) => what !== "same" && name !== "production-registration");

describe("a takeover with the hosts of the nodes, one of which is down", () => {
  it("says in preview which confs change, and which host is not reached", () => {
    const plan = previewed.plan.production!;
    expect(plan).toContain(`confs of 3 nodes: managers = [${pair().join(", ")}], now [`);
    expect(plan).toMatch(/1 storage node: change etc\/leo_storage\.conf \(storage_0@\S+\)/);
    expect(plan).toMatch(/1 gateway node: change etc\/leo_gateway\.conf \(gateway_0@\S+\)/);
    expect(plan).toMatch(/hazard: confs not reached now, so debt: 1 node \(storage_1@\S+\): its host/);
  });

  it("puts the confs back byte for byte when it is rolled back before its end", () => {
    expect(failed.errors.join()).toMatch(/journal .* could not be written/);
    for (const name of ["storage_0", "gateway_0"]) expect(between[name]).not.toBe(before[name]);
    expect(rolledBack.errors).toEqual([]);
    expect(rolledBack.outcome.production).toMatchObject({ verdict: "rolled back" });
    expect(rolledBack.outcome.production?.evidence).toContainEqual(
      expect.stringMatching(/^the confs of 2 storage and gateway nodes are those from before/),
    );
  });

  it("recovers, with the node that could not be reached as debt", () => {
    expect(ran.errors).toEqual([]);
    const { verdict, debt, evidence, nextSteps } = ran.outcome.production!;
    expect(verdict).toBe("recovered with debt");
    expect(debt).toEqual([
      expect.stringMatching(/^the conf of storage_1@\S+ does not name .* yet: .*cannot be reached over SSH/s),
    ]);
    expect(evidence).toContainEqual(expect.stringMatching(/^the confs of 2 of 3 nodes name \[/));
    const byHand = nextSteps.filter((step) => step.includes("or it cannot restart"));
    expect(byHand).toEqual([expect.stringMatching(/^on the host of storage_1@/)]);
  });

  it("changed one line of each conf that it reached, and kept the original on that host", async () => {
    for (const name of ["storage_0", "gateway_0"]) {
      expect(changedLines(before[name]!, await read(name))).toEqual([
        [expect.stringMatching(/^managers = /), `managers = [${pair().join(", ")}]`],
      ]);
      expect(await kept(name)).toBe(before[name]);
      expect((await readdir(etcOf(name))).filter((file) => file.includes("recovery"))).toEqual([]);
    }
    expect(await read("storage_1")).toBe(before.storage_1);
  });

  it("pays the debt once the host is back, with nothing else; the next up does nothing", async () => {
    await sandbox().start();
    const paid = await stack.up();
    expect(paid.errors).toEqual([]);
    expect(others(paid)).toEqual([]);
    expect(paid.outcome.production).toMatchObject({ verdict: "recovered", debt: [] });
    expect(await kept("storage_1")).toBe(before.storage_1);
    const again = await stack.up();
    expect([...others(again), registration(again)]).toEqual(["same"]);
  });

  it("every storage and gateway node comes up again after a restart, and follows the new pair", async () => {
    for (const name of NAMES) await sandbox().controlNode(name, "stop");
    for (const name of NAMES) await sandbox().startNode(name);
    for (const name of NAMES) expect(await sandbox().managersFollowed(name)).toEqual(pair());
  });

  it("refresh finds a conf that was edited by hand, and the next up changes its one line again", async () => {
    const edited = (await read("gateway_0")).replace(/^managers = .*$/m, "managers = [m@10.0.0.1]");
    await writeFile(confOf("gateway_0"), `${edited}# by hand\n`);
    const refreshed = await stack.refresh();
    expect(refreshed.screen).toMatch(
      /NOT SO ANY MORE: the confs of 1 nodes .*gateway_0@\S+ \(\S+ names \[m@10\.0\.0\.1\]\)/,
    );
    const mended = await stack.up();
    expect(others(mended)).toEqual([]);
    expect(await read("gateway_0")).toContain(`managers = [${pair().join(", ")}]`);
    expect(await read("gateway_0")).toContain("# by hand");
    expect(await kept("gateway_0")).toBe(before.gateway_0);
    const { mode } = await stat(confOf("gateway_0"));
    expect(mode & 0o777).toBe(0o644);
  });
});
