import { beforeEach, describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { rowsOf } from "./support/clusterFacts";
import { journalEntry, locksOf, noProvider, upKilledAt } from "./support/killedUp";
import { rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile({ storages: 1 });
const PAIR = ["manager_1", "manager_2"];

describe("a takeover whose pulumi is killed, and it alone", () => {
  beforeEach(async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
    await rig.configure(takeoverSettings(sandbox.description, "killed"));
  });

  it.each([
    ["after the survivor was cleared", "clear.NODE.done"],
    ["while the survivor stops", "stop.NODE.begun"],
    ["while the dump is loaded", "load.begun"],
  ])("%s: its providers end, another incident is kept out, and the next up recovers", async (_, entry) => {
    const before = await rowsOf(rig.sandbox, "manager_1");
    const noted = entry.replace("NODE", rig.sandbox.manager("manager_1").node);
    const killed = await upKilledAt(rig, journalEntry(rig, "manager_1", "killed", noted), "SIGKILL");
    expect(killed.error).toBeDefined();
    await noProvider(rig);
    await rig.stack.stack.cancel();
    await rig.configure(takeoverSettings(rig.sandbox.description, "another"));
    const other = await rig.up();
    expect(other.error).toContain("The incident killed was begun on this pair and is not over");
    expect(other.error).toContain("Nobody works on it now");
    await rig.configure(takeoverSettings(rig.sandbox.description, "killed"));
    const resumed = await rig.up();
    expect(resumed.error).toBeUndefined();
    expect(resumed.outcome.verdict).toBe("recovered");
    for (const name of PAIR) expect(await rowsOf(rig.sandbox, name)).toEqual(before);
    expect(locksOf(rig, PAIR)).toEqual([]);
  });
});
