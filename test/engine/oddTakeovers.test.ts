import { beforeAll, describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { type Rows, rowsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile();
const evaluate = (name: string, expression: string) =>
  rig.sandbox.evaluate(rig.sandbox.manager(name).node, expression);

describe("a takeover of a pair with a table that LeoFS 1.4.4 does not have", () => {
  let rows: Rows;
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
    await sandbox.lose("master");
    await sandbox.spare();
    rows = await rowsOf(sandbox, "manager_1");
    await rig.configure(takeoverSettings(sandbox.description, "histories"));
    previewed = await rig.preview();
    ran = await rig.up();
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
