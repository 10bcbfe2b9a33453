import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { inPlaceSettings } from "../../sandbox/stackSettings";
import { filesBelow } from "./support/backups";
import { factsOf, rowsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile({ storages: 1 });

describe("an incident's name decides whether a recovery runs", () => {
  let first: Ran;

  const settings = (incident: string, damaged: "master" | "slave" = "slave") =>
    inPlaceSettings(rig.sandbox.description, incident, damaged);
  const backupsOf = (incident: string) =>
    Promise.all(
      ["manager_0", "manager_1"].map((name) =>
        filesBelow(join(rig.sandbox.manager(name).backups, `production-${incident}`)),
      ),
    );

  beforeAll(async () => {
    await rig.begin();
    await rig.sandbox.damage("slave");
    await rig.configure(settings("first"));
    first = await rig.up();
    if (first.error) throw new Error(first.error);
  });

  it("refuses other managers for an incident that was begun, by one readable message, and touches nothing", async () => {
    const before = await factsOf(rig.sandbox);
    await rig.configure(settings("first", "master"));
    for (const refused of [await rig.preview(), await rig.up()]) {
      const said = refused.messages.filter(({ message }) => message.includes("the incident is still first"));
      expect(said).toHaveLength(1);
      expect(said[0]?.message).toContain("to recover again give a new incident name");
      expect(refused.error).not.toMatch(/\n\s+at /);
    }
    expect(await factsOf(rig.sandbox)).toEqual(before);
  });

  it("does nothing for the incident that is done, with its own settings back", async () => {
    const before = await factsOf(rig.sandbox);
    await rig.configure(settings("first"));
    const again = await rig.up();
    expect(again.error).toBeUndefined();
    expect(again.changes).toEqual({ same: first.changes.create });
    expect(await factsOf(rig.sandbox)).toEqual(before);
  });

  it("recovers again for a new incident, from what is there now, and keeps the backups of the one before", async () => {
    const kept = await backupsOf("first");
    const { users } = await rig.sandbox.writeData({ users: 1, buckets: 1 }, { prefix: "since-" });
    await rig.sandbox.damage("slave", { how: "garble" });
    const before = await rowsOf(rig.sandbox, "master");
    await rig.configure(settings("second"));
    const second = await rig.up();
    expect(second.error).toBeUndefined();
    expect(second.outcome.verdict).toBe("recovered");
    const resources = Object.entries(second.operations).filter(([name]) => /^production-/.test(name));
    expect(resources.length).toBeGreaterThan(8);
    for (const [name, operation] of resources) expect([name, operation]).toEqual([name, "replace"]);
    for (const { rows, tablesOnDisc } of Object.values((await factsOf(rig.sandbox)).managers)) {
      expect(rows).toEqual(before);
      expect(rows.leo_s3_credentials?.join()).toContain(users[0]?.secretKey);
      expect(tablesOnDisc).toBe(22);
    }
    expect(await backupsOf("first")).toEqual(kept);
    expect(second.outcome.backups.donorFiles?.path).toContain("/production-second/");
  });
});
