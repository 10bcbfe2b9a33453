import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { StackEvents } from "../../tools/stackEvents";
import { rowsOf } from "./support/clusterFacts";
import { locksOf } from "./support/killedUp";
import { rigForThisFile } from "./support/recoveryRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1 });
const PAIR = ["manager_1", "manager_2"];

const configure = (incident: string) => rig.configure(takeoverSettings(rig.sandbox.description, incident));

async function lostMaster(): Promise<void> {
  const sandbox = await rig.begin();
  await sandbox.lose("master");
  await sandbox.spare();
}

/** `pulumi up --target` of a recovery's first resources, which change nothing on the managers. */
async function upToTheDump(): Promise<Record<string, string>> {
  const events = new StackEvents();
  const target = ["leofs:recovery:Takeover::production", "**production-check", "**production-dump"].map(
    (one) => (one.startsWith("**") ? one : `urn:pulumi:recovery::leofs-recovery::${one}`),
  );
  const { outputs } = await rig.stack.stack.up({ target, onEvent: events.onEvent });
  expect(outputs.outcome?.value?.production?.verdict).toMatch(/^not finished: .*--target/);
  return events.operations();
}

describe("a run that ended before it changed anything", () => {
  beforeEach(async () => {
    await lostMaster();
    await configure("first");
  });

  it("of chosen resources (--target) makes those, says that it is not finished, and the next up finishes", async () => {
    expect(await upToTheDump()).toMatchObject({ "production-check": "create", "production-dump": "create" });
    const whole = await rig.up();
    expect(whole.error).toBeUndefined();
    expect(whole.outcome.verdict).toBe("recovered");
  });

  it("keeps no other incident out, and is over once that one began", async () => {
    const before = await rowsOf(rig.sandbox, "manager_1");
    await upToTheDump();
    await configure("second");
    const second = await rig.up();
    expect(second.error).toBeUndefined();
    expect(second.outcome.verdict).toBe("recovered");
    for (const name of PAIR) expect(await rowsOf(rig.sandbox, name)).toEqual(before);
    expect(locksOf(rig, PAIR)).toEqual([]);
    await rig.forgetStack();
    await configure("first");
    expect((await rig.up()).error).toMatch(/this incident was rolled back/);
    for (const name of PAIR) expect(await rowsOf(rig.sandbox, name)).toEqual(before);
  });
});

describe("a run that ended half-way", () => {
  beforeAll(async () => {
    await lostMaster();
    await makeStubborn(rig.sandbox, "manager_1", "late");
    await configure("first");
    expect((await rig.up()).error).toBeDefined();
  });

  it("keeps another incident out, which names the one to finish or to roll back and every lock", async () => {
    await rig.forgetStack();
    await configure("second");
    const { error } = await rig.up();
    expect(error).toContain("The incident first was begun on this pair and is not over");
    expect(error).toMatch(/with incident: first, pulumi up\) or undo it \(the same with rollback: true\)/);
    for (const name of PAIR)
      expect(error).toContain(`rm ${rig.sandbox.manager(name).home}/work/leofs-recovery.lock`);
  });
});
