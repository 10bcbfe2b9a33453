import { beforeAll, describe, expect, it } from "vitest";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { type ClusterFacts, factsOf, pidsOf, type Rows, rowsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";
import { type LastUser, lastUserOf, makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1 });
const LAST = "last-minute";

/** Failed, and said so in words an operator can act on. */
function expectReadable({ error }: Ran, manager: string): void {
  expect(error).toContain(`${rig.sandbox.manager(manager).node} did not start`);
  expect(error).toContain("then run pulumi up again");
  expect(error).not.toMatch(/\n\s+at /);
}

/** Both managers hold what was there before the recovery and the user created during the stop, and nothing else. */
function expectEverything(facts: ClusterFacts, before: Rows, user: LastUser): void {
  const added: Record<string, string> = {
    leo_s3_users: user.id,
    leo_s3_credentials: user.secretKey,
    leo_s3_user_credential: user.id,
  };
  expect(Object.keys(facts.managers)).toHaveLength(2);
  for (const { rows, tablesOnDisc } of Object.values(facts.managers)) {
    expect(tablesOnDisc).toBe(22);
    for (const [table, expected] of Object.entries(before)) {
      const mark = added[table];
      const news = (rows[table] ?? []).filter((row) => mark !== undefined && row.includes(`<<"${mark}">>`));
      expect(news).toHaveLength(mark === undefined ? 0 : 1);
      expect((rows[table] ?? []).filter((row) => !news.includes(row))).toEqual(expected);
    }
    expect(Object.keys(rows)).toEqual(Object.keys(before));
  }
  expect(new Set(Object.values(facts.rings)).size).toBe(1);
}

describe("a takeover whose survivor does not start, and is started by hand", () => {
  let before: Rows;
  let failed: Ran;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.writeData({ users: 2, buckets: 1, endpoints: 1 }, { prefix: "late-" });
    await sandbox.lose("slave");
    await sandbox.spare();
    before = await rowsOf(sandbox, "manager_0");
    await makeStubborn(sandbox, "manager_0", LAST);
    await rig.configure(takeoverSettings(sandbox.description, "lost"));
    failed = await rig.up();
  });

  it("fails with what to do", () => expectReadable(failed, "manager_0"));

  it("ends with everything in place at the next up, rows written during the stop included", async () => {
    await rig.sandbox.startManager("manager_0");
    const resumed = await rig.up();
    expect(resumed.error).toBeUndefined();
    expect(resumed.outcome.verdict).toBe("recovered");
    expect(resumed.operations).toMatchObject({
      "production-check": "same",
      "production-dump": "same",
      "production-stop-survivor": "same",
    });
    const user = await lastUserOf(rig.sandbox, "manager_0", LAST);
    const facts = await factsOf(rig.sandbox);
    expectEverything(facts, before, user);
    const pair = ["manager_0", "manager_2"].map((name) => rig.sandbox.manager(name).node);
    for (const follows of Object.values(facts.followers)) expect(follows).toEqual(pair);
  });
});

describe("a takeover whose state is lost half-way", () => {
  let before: Rows;
  let failed: Ran;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
    before = await rowsOf(sandbox, "manager_1");
    await makeStubborn(sandbox, "manager_1", LAST);
    await rig.configure(takeoverSettings(sandbox.description, "lost"));
    failed = await rig.up();
  });

  it("fails with what to do", () => expectReadable(failed, "manager_1"));

  it("continues from the journal on the hosts, in a new checkout, and loses nothing", async () => {
    const master = await pidsOf(rig.sandbox, "manager_2");
    await rig.forgetStack();
    await rig.configure(takeoverSettings(rig.sandbox.description, "lost"));
    const resumed = await rig.up();
    expect(resumed.error).toBeUndefined();
    expect(resumed.outcome.verdict).toBe("recovered");
    const user = await lastUserOf(rig.sandbox, "manager_1", LAST);
    expectEverything(await factsOf(rig.sandbox), before, user);
    // What stood already was not stopped again.
    expect(await pidsOf(rig.sandbox, "manager_2")).toEqual(master);
    // The outage is counted from the first run's stop: 20 s went into the start that failed.
    expect(resumed.outcome.outageSeconds).toBeGreaterThan(20);
  });

  it("adopts what is done when the state is lost afterwards: no load again, no process touched", async () => {
    await rig.sandbox.console("manager_2", "delete-user user1");
    const done = await factsOf(rig.sandbox);
    await rig.forgetStack();
    await rig.configure(takeoverSettings(rig.sandbox.description, "lost"));
    const adopted = await rig.up();
    expect(adopted.error).toBeUndefined();
    expect(adopted.outcome.verdict).toBe("recovered");
    expect(await factsOf(rig.sandbox)).toEqual(done);
  });
});

describe("an in-place recovery with donor auto whose state is lost half-way", () => {
  let before: Rows;
  let failed: Ran;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.damage("slave");
    await sandbox.writeData({ users: 1 }, { prefix: "alone-", through: "manager_0" });
    before = await rowsOf(sandbox, "manager_0");
    await makeStubborn(sandbox, "manager_0", LAST);
    await rig.configure(inPlaceSettings(sandbox.description, "damaged", "auto"));
    failed = await rig.up();
  });

  it("fails with what to do", () => expectReadable(failed, "manager_0"));

  it("keeps to the donor it chose although both look alike now, and loses nothing", async () => {
    await rig.forgetStack();
    await rig.configure(inPlaceSettings(rig.sandbox.description, "damaged", "auto"));
    const resumed = await rig.up();
    expect(resumed.error).toBeUndefined();
    expect(resumed.outcome.verdict).toBe("recovered");
    expect(resumed.outcome.backups.donorFiles?.node).toBe(rig.sandbox.manager("manager_0").node);
    const user = await lastUserOf(rig.sandbox, "manager_0", LAST);
    expectEverything(await factsOf(rig.sandbox), before, user);
  });
});
