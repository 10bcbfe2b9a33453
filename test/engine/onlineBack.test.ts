import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { entries } from "../../leofs/incident/entries";
import { addCopy, joinReplica, replicaFacts } from "../../leofs/pair/replicaTables";
import { startReplicaVm } from "../../leofs/pair/replicaVm";
import { incidentDirectory } from "../../providers/arguments";
import { Session } from "../../providers/session";
import { readClusters } from "../../recovery";
import { eventually } from "../../sandbox/commands";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { pidsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";
import { managerSettings } from "./support/refusalRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1 });

const nodeOf = (name: string) => rig.sandbox.manager(name).node;
const confOf = (manager: string) =>
  readFile(join(rig.sandbox.manager(manager).home, "etc/leo_manager.conf"), "utf8");

async function lostMaster(): Promise<Record<string, unknown>> {
  const sandbox = await rig.begin();
  await sandbox.lose("master");
  await sandbox.spare();
  return { ...takeoverSettings(sandbox.description, "online"), method: "online" };
}

/** The two managers as a step of a recovery sees them. */
async function sites(settings: Record<string, unknown>) {
  const { survivor, replacement } = readClusters({ production: settings })[0]!.takeover!;
  const common = { cluster: "production", incident: "online" };
  const directory = incidentDirectory(replacement, common);
  const session = new Session();
  await session.hostOf(replacement).run('mkdir -p -- "$1"', [`${directory}/journal`]);
  return Promise.all([session.siteOf(survivor, common), session.siteOf(replacement, common)]);
}

describe("a replica that was left half-made when its run was killed", () => {
  let ran: Ran;
  let before: number[];

  beforeAll(async () => {
    const settings = await lostMaster();
    await makeStubborn(rig.sandbox, "manager_2");
    before = await pidsOf(rig.sandbox, "manager_1");
    const [serving, made] = await sites(settings);
    // As a step of the recovery leaves it before the VM starts: there, and empty.
    await made!.host.run('mkdir -p -- "$1"', [made!.settings.mnesiaDirectory]);
    const vm = await startReplicaVm(made!);
    await joinReplica(serving!, made!.manager.node);
    const { tables } = await replicaFacts(serving!);
    for (const table of tables.filter(({ name }) => /^leo_s3/.test(name)))
      await addCopy(serving!, made!.manager.node, table);
    await vm.drop();
    await entries.check.finish(made!.place, { good: 0, master: 1, why: "begun", method: "online" });
    await entries.replica(made!.manager.node).begin(made!.place, { serving: "" });
    await rig.configure(settings);
    ran = await rig.up();
  });

  it("is taken back and made again; the serving manager goes on", async () => {
    expect(ran.error).toContain("did not start");
    const [serving] = await sites({
      ...takeoverSettings(rig.sandbox.description, "online"),
      method: "online",
    });
    const facts = await replicaFacts(serving!);
    expect(facts.known).toEqual([nodeOf("manager_1"), nodeOf("manager_2")]);
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(before);
    const again = await rig.up();
    expect(again.error).toBeUndefined();
    expect(again.outcome.verdict).toBe("recovered");
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(before);
  });
});

describe("an online takeover that stopped half-way is rolled back", () => {
  let before: { pids: number[]; confs: string[] };
  let rolledBack: Ran;

  beforeAll(async () => {
    const settings = await lostMaster();
    before = {
      pids: await pidsOf(rig.sandbox, "manager_1"),
      confs: [await confOf("manager_1"), await confOf("manager_2")],
    };
    await makeStubborn(rig.sandbox, "manager_2");
    await rig.configure(settings);
    const failed = await rig.up();
    expect(failed.error).toContain("did not start");
    await rig.sandbox.writeData({ users: 1 }, { prefix: "meanwhile-", through: "manager_1" });
    await rig.configure({ ...settings, rollback: true });
    rolledBack = await rig.up();
  });

  it("takes the replica out again, and the serving manager never stops", async () => {
    expect(rolledBack.error).toBeUndefined();
    expect(rolledBack.outcome.verdict).toBe("rolled back");
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(before.pids);
    expect(await pidsOf(rig.sandbox, "manager_2")).toEqual([]);
    expect([await confOf("manager_1"), await confOf("manager_2")]).toEqual(before.confs);
    const [serving] = await sites({
      ...takeoverSettings(rig.sandbox.description, "online"),
      method: "online",
    });
    const { known, tables } = await replicaFacts(serving!);
    expect(known).toEqual([nodeOf("manager_1")]);
    expect(new Set(tables.flatMap(({ disc }) => disc))).toEqual(new Set([nodeOf("manager_1")]));
    const partners = await rig.sandbox.evaluate(
      nodeOf("manager_1"),
      "application:get_env(leo_manager, manager_partners)",
    );
    expect(partners).toContain(nodeOf("manager_0"));
    const { users } = (await rig.sandbox.json("manager_1", "get-users")) as { users: { user_id: string }[] };
    expect(users.map(({ user_id }) => user_id)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^meanwhile-/)]),
    );
  });
});

describe("a lost manager that is started again after an online takeover", () => {
  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.stopManager("manager_0");
    const fresh = await sandbox.spare({ role: "master" });
    await rig.configure({
      incident: "returns",
      method: "online",
      takeover: {
        lost: nodeOf("manager_0"),
        survivor: managerSettings(sandbox, "manager_1"),
        replacement: managerSettings(sandbox, fresh),
      },
    });
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    await sandbox.startManager("manager_0");
    await eventually("the lost manager to join again", 60_000, async () =>
      (await strangers())?.includes(nodeOf("manager_0")) ? true : undefined,
    );
  });

  /** Managers that the tables of the survivor are on. */
  async function strangers(): Promise<string | undefined> {
    return rig.sandbox.evaluate(nodeOf("manager_1"), "mnesia:table_info(leo_s3_users, disc_copies)");
  }

  it("is found by a refresh, and named as debt while it runs", async () => {
    await rig.refresh();
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered with debt");
    expect(ran.outcome.debt.join()).toContain(`${nodeOf("manager_0")} is back, with a third copy`);
  });

  it("is taken out by the next up once it is down", async () => {
    await rig.sandbox.stopManager("manager_0");
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect(await strangers()).not.toContain(nodeOf("manager_0"));
  });
});
