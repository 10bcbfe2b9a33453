import { beforeAll, describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { type Rows, rowsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile();
const evaluate = (name: string, expression: string) =>
  rig.sandbox.evaluate(rig.sandbox.manager(name).node, expression);

describe("a takeover of a pair with a table that LeoFS 1.4.4 does not have, a node with an odd ring and a second data center", () => {
  let rows: Rows;
  let refused: Ran;
  let previewed: Ran;
  let ran: Ran;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    const made = await evaluate(
      "manager_0",
      "mnesia:create_table(leo_histories, [{disc_copies, mnesia:system_info(running_db_nodes)}, {attributes, [id, command]}])",
    );
    expect(made).toBe("{atomic, ok}");
    await evaluate("manager_0", 'mnesia:dirty_write({leo_histories, 1, <<"create-user. a">>})');
    for (const n of [0, 1])
      await evaluate(
        "manager_0",
        `mnesia:dirty_write(leo_cluster_manager, {cluster_manager, 'manager_${n}@192.0.2.${n}', leofs_2})`,
      );
    await sandbox.lose("master");
    await sandbox.spare();
    const storage = Object.values(sandbox.description.nodes).find(({ type }) => type === "storage")!;
    await sandbox.evaluate(storage.node, "leo_redundant_manager_api:stay([{1, odd, 1}])");
    rows = await rowsOf(sandbox, "manager_1");
    const settings = takeoverSettings(sandbox.description, "histories");
    await rig.configure(settings);
    refused = await rig.preview();
    await rig.configure({ ...settings, accept: ["ring"], onFailure: "rollback" });
    previewed = await rig.preview();
    ran = await rig.up();
  });

  it("is refused for the ring, by a name that can be accepted", () => {
    expect(refused.plan.join(" ").replaceAll(/\s+/g, " ")).toMatch(
      /WOULD BE REFUSED: the rings differ before anything was done: manager_1@\S+ has [0-9a-f]{8}\/[0-9a-f]{8}, storage_\d@\S+ has/,
    );
    expect(previewed.plan.join("\n")).not.toMatch(/REFUSED/);
  });

  it("proves the ring no worse than before, and says which node it is", () => {
    expect(ran.outcome.evidence).toContainEqual(
      expect.stringMatching(/^storage_\d@\S+ has another ring than the managers, as it had before$/),
    );
  });

  it("says what is left to do in the other data center, with the commands", () => {
    const { node } = rig.sandbox.manager("manager_2");
    expect(ran.outcome.nextSteps.join("\n")).toMatch(
      /on manager_0@192\.0\.2\.0 of leofs_2, which knows manager_0@\S+: leofs-adm remove-cluster manager_0@\S+:\d+ manager_1@\S+:\d+\n/,
    );
    expect(ran.outcome.nextSteps.join("\n")).toContain(`leofs-adm join-cluster ${node}:`);
  });

  it("says in preview that its rows stay in the backup", () => {
    expect(previewed.plan.join("\n")).toMatch(
      /hazard: manager_1@\S+ has tables that LeoFS 1\.4\.4 does not have: leo_histories \(1 rows\)/,
    );
  });

  it("recovers without it, and says where its rows are", async () => {
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect(ran.outcome.evidence).toContainEqual(
      expect.stringMatching(/^not loaded: leo_histories, .*its 1 rows are in the backup: \S+dump\.txt on /),
    );
    const { leo_histories: _, ...wanted } = rows as Record<string, unknown>;
    for (const name of ["manager_1", "manager_2"]) expect(await rowsOf(rig.sandbox, name)).toEqual(wanted);
    expect(await evaluate("manager_2", "lists:member(leo_histories, mnesia:system_info(tables))")).toBe(
      "false",
    );
  });

  it("and then has nothing more to do", async () => {
    expect((await rig.up()).changes).toEqual({ same: ran.changes.create });
  });
});

describe("a takeover when both managers are off and the lost one's disc is gone", () => {
  let rows: Rows;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    rows = await rowsOf(sandbox, "manager_1");
    await sandbox.stopManager("manager_1");
    await sandbox.lose("master");
    await sandbox.spare();
  });

  it("is refused, without the advice to start a manager that would wait for ever", async () => {
    await rig.configure(takeoverSettings(rig.sandbox.description, "both-off"));
    const { error } = await rig.up();
    expect(error).toMatch(/the survivor manager_1@\S+ is down, so it cannot be asked/);
    expect(error).toMatch(/started alone it would wait for manager_0@\S+ and stop itself/);
    expect(error).not.toMatch(/leo_manager start/);
    expect(error).toMatch(/accept: \[survivorDown\]/);
  });

  it("recovers from the survivor's files once that is accepted", async () => {
    const settings = takeoverSettings(rig.sandbox.description, "both-off");
    await rig.configure({ ...settings, accept: ["survivorDown"] });
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    for (const name of ["manager_1", "manager_2"]) expect(await rowsOf(rig.sandbox, name)).toEqual(rows);
  });
});
