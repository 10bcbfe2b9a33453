import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { type FileFacts, filesBelow } from "./support/backups";
import { factsOf, type Rows, rowsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1 });

type Settings = Record<string, unknown>;
const confOf = (manager: string) =>
  readFile(join(rig.sandbox.manager(manager).home, "etc/leo_manager.conf"), "utf8");

/** What of a home a rollback has to bring back: Mnesia files and everything LeoFS is configured by. */
async function stateOf(manager: string): Promise<Record<string, FileFacts>> {
  const { home } = rig.sandbox.manager(manager);
  const all = await filesBelow(home);
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name]) => /^(etc\/|work\/mnesia\/[^/]+\/)/.test(name) && !/\.undone\//.test(name),
    ),
  );
}

const withoutTimes = (files: Record<string, FileFacts>) =>
  Object.fromEntries(Object.entries(files).map(([name, { sha256, mode }]) => [name, { sha256, mode }]));

describe("a takeover that stopped half-way is rolled back", () => {
  let settings: Settings;
  let before: { rows: Rows; confs: string[]; replacement: Record<string, FileFacts>; followers: object };
  let planned: Ran;
  let rolledBack: Ran;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
    const { followers } = await factsOf(sandbox);
    before = {
      rows: await rowsOf(sandbox, "manager_1"),
      confs: [await confOf("manager_1"), await confOf("manager_2")],
      replacement: await stateOf("manager_2"),
      followers,
    };
    await makeStubborn(sandbox, "manager_1");
    settings = takeoverSettings(sandbox.description, "first");
    await rig.configure(settings);
    const failed = await rig.up();
    expect(failed.error).toContain("did not start");
    await rig.configure({ ...settings, rollback: true });
    planned = await rig.preview();
    rolledBack = await rig.up();
  });

  it("says in preview what it will put back", () => {
    const plan = planned.plan.join("\n").replace(/\s+/g, " ");
    const { manager_1, manager_2 } = {
      manager_1: rig.sandbox.manager("manager_1").node,
      manager_2: rig.sandbox.manager("manager_2").node,
    };
    expect(plan).toContain("roll the incident first back");
    expect(plan).toContain(`stop ${manager_2}`);
    expect(plan).toContain(`start ${manager_1}`);
    expect(plan).toContain(`${manager_2}: down, as before`);
    expect(planned.changes).toMatchObject({ delete: expect.any(Number) });
  });

  it("ends as it was: rows, confs, who runs, whom the nodes follow", async () => {
    expect(rolledBack.error).toBeUndefined();
    expect(rolledBack.outcome.verdict).toBe("rolled back");
    expect(rolledBack.outcome.outageSeconds).toBeGreaterThan(0);
    const facts = await factsOf(rig.sandbox);
    expect(Object.keys(facts.managers)).toEqual(["manager_1"]);
    expect(facts.managers.manager_1?.rows).toEqual(before.rows);
    expect([await confOf("manager_1"), await confOf("manager_2")]).toEqual(before.confs);
    expect(facts.followers).toEqual(before.followers);
    expect(withoutTimes(await stateOf("manager_2"))).toEqual(withoutTimes(before.replacement));
  });

  it("has nothing to do when it is run again", async () => {
    const again = await rig.up();
    expect(again.error).toBeUndefined();
    expect(again.changes).not.toHaveProperty("create");
    expect(again.plan).toEqual([]);
  });

  it("refuses to go on with the same incident", async () => {
    await rig.configure(settings);
    const refused = await rig.up();
    expect(refused.error).toContain("this incident was rolled back");
    expect(await rig.sandbox.serves("manager_1")).toBe(true);
  });

  it("recovers under a new incident, with every row", async () => {
    await rig.configure({ ...settings, incident: "second" });
    const recovered = await rig.up();
    expect(recovered.error).toBeUndefined();
    expect(recovered.outcome.verdict).toBe("recovered");
    const { managers } = await factsOf(rig.sandbox);
    for (const { rows } of Object.values(managers)) expect(rows).toEqual(before.rows);
  });

  it("is refused once the recovery was proven", async () => {
    await rig.configure({ ...settings, incident: "second", rollback: true });
    const preview = await rig.preview();
    expect(preview.plan.join(" ").replace(/\s+/g, " ")).toContain(
      "WOULD BE REFUSED: the recovery was proven at",
    );
    const refused = await rig.up();
    expect(refused.error).toContain("the recovery was proven at");
    expect(await rig.sandbox.serves("manager_2")).toBe(true);
  });
});

describe("a takeover whose new pair was put to use", () => {
  let settings: Settings;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("slave");
    await sandbox.spare();
    await makeStubborn(sandbox, "manager_0");
    settings = takeoverSettings(sandbox.description, "used");
    await rig.configure(settings);
    expect((await rig.up()).error).toContain("did not start");
    await sandbox.startManager("manager_0");
    await sandbox.startManager("manager_2");
    await sandbox.waitForPair(["manager_0", "manager_2"]);
    await sandbox.console("manager_0", "create-user newcomer");
  });

  it("is not rolled back, and says by what it was used", async () => {
    await rig.configure({ ...settings, rollback: true });
    const refused = await rig.up();
    expect(refused.error).toContain("the new pair was put to use");
    expect(refused.error).toContain("newcomer is new");
    expect(refused.error).toContain("take rollback out of the settings");
    expect(await rig.sandbox.serves("manager_0")).toBe(true);
  });

  it("is recovered as the message says, and the newcomer stays", async () => {
    await rig.configure(settings);
    const { error, outcome } = await rig.up();
    expect(error).toBeUndefined();
    expect(outcome.verdict).toBe("recovered");
    expect(await rig.sandbox.console("manager_2", "get-users")).toContain("newcomer");
  });
});

describe("an in-place recovery of two managers that were down is rolled back", () => {
  it("leaves every file as it was: bytes, modes, owners", async () => {
    const sandbox = await rig.begin();
    await sandbox.damage("slave");
    await sandbox.stopManager("manager_0");
    const before = [await stateOf("manager_0"), await stateOf("manager_1")];
    await makeStubborn(sandbox, "manager_1");
    const settings = inPlaceSettings(sandbox.description, "inplace", "slave");
    await rig.configure(settings);
    expect((await rig.up()).error).toContain("did not start");
    expect(await sandbox.isRunning("manager_0")).toBe(true);
    await rig.configure({ ...settings, rollback: true });
    const { error, outcome } = await rig.up();
    expect(error).toBeUndefined();
    expect(outcome.verdict).toBe("rolled back");
    expect(await sandbox.isRunning("manager_0")).toBe(false);
    const after = [await stateOf("manager_0"), await stateOf("manager_1")];
    expect(after.map(withoutTimes)).toEqual(before.map(withoutTimes));
  });
});

describe("onFailure: rollback", () => {
  it("puts everything back by itself when the dump cannot be loaded", async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("slave");
    await sandbox.spare();
    const rows = await rowsOf(sandbox, "manager_0");
    const conf = await confOf("manager_0");
    await refuseLoads("manager_0");
    const settings = { ...takeoverSettings(sandbox.description, "loads"), onFailure: "rollback" };
    await rig.configure(settings);
    const failed = await rig.up();
    // Not all at once: LeoFS's late tables follow.
    expect(failed.error).toMatch(/loaded 0 of (19|22) tables/);
    expect(failed.error).toContain("ROLLED BACK");
    expect(await confOf("manager_0")).toBe(conf);
    const { managers } = await factsOf(sandbox);
    expect(Object.keys(managers)).toEqual(["manager_0"]);
    expect(managers.manager_0?.rows).toEqual(rows);
    const again = await rig.up();
    expect(again.error).toContain("was rolled back");
    expect(await sandbox.serves("manager_0")).toBe(true);
  });
});

/** Gives a manager a `bin/leo_manager` that loads nothing. */
async function refuseLoads(manager: string): Promise<void> {
  await makeStubborn(rig.sandbox, manager);
  const script = join(rig.sandbox.manager(manager).home, "bin/leo_manager");
  await writeFile(
    script,
    `#!/bin/sh\ncase $1 in load-mnesia-data) exit 1 ;; esac\nexec "${script}.real" "$@"\n`,
  );
}
