import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { setTimer } from "../sandbox/managerSupport";
import { factsOf, type Rows, rowsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile({ storages: 1 });

/** A takeover whose master behaves as a real one was seen to. */
async function takeover(setting: string, value: number): Promise<{ before: Rows; ran: Ran }> {
  const sandbox = await rig.begin();
  await sandbox.lose("slave");
  await sandbox.spare();
  setTimer(sandbox.manager("manager_0"), setting, value);
  const before = await rowsOf(sandbox, "manager_0");
  await rig.configure(takeoverSettings(sandbox.description, setting.toLowerCase().replaceAll("_", "-")));
  return { before, ran: await rig.up() };
}

async function expectRecovered(before: Rows, ran: Ran): Promise<void> {
  expect(ran.error).toBeUndefined();
  expect(ran.outcome.verdict).toBe("recovered");
  const { managers } = await factsOf(rig.sandbox);
  expect(Object.keys(managers)).toEqual(["manager_0", "manager_2"]);
  for (const { rows } of Object.values(managers)) expect(rows).toEqual(before);
}

describe("what a real LeoFS does now and then", () => {
  it("a row that it writes in two goes fails no good recovery", async () => {
    const { before, ran } = await takeover("SANDBOX_LATE_STEP_MS", 6_000);
    await expectRecovered(before, ran);
  });

  it("a master that fails twice while it forms the pair: both are emptied and started again", async () => {
    const { before, ran } = await takeover("SANDBOX_FORM_FAILURES", 2);
    await expectRecovered(before, ran);
    const said = ran.messages.map(({ message }) => message).join("\n");
    expect(said).toContain("the pair did not form: emptying both managers and starting them again (2 of 4)");
    const kept = await readdir(join(rig.sandbox.manager("manager_0").home, "work", "mnesia"));
    expect(kept.filter((name) => /\.unformed-\d$/.test(name))).toHaveLength(2);
  });
});
