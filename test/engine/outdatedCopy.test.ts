import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Sandbox } from "../../sandbox";
import { inPlaceSettings } from "../../sandbox/stackSettings";
import { type Ran, rigForThisFile } from "./support/recoveryRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1 });

/** Takes away what the copy noted last on both hosts, as if it had been killed right before. */
async function asIfKilledBeforeItsNotes(): Promise<void> {
  for (const name of ["manager_0", "manager_1"]) {
    const journal = join(rig.sandbox.manager(name).backups, "production-inplace", "journal");
    for (const entry of await readdir(journal))
      if (/^(given|restore)\..*\.done$/.test(entry)) await rm(join(journal, entry));
  }
}

/** A recovery of the slave that failed after the copy, and was killed before it noted that. */
async function interrupted(sandbox: Sandbox): Promise<void> {
  await sandbox.damage("slave");
  await makeStubborn(sandbox, "manager_0");
  const settings = inPlaceSettings(sandbox.description, "inplace", "slave");
  await rig.configure(settings);
  expect((await rig.up()).error).toContain("did not start");
  await asIfKilledBeforeItsNotes();
  await rig.forgetStack();
  await rig.configure(settings);
}

const besideMnesia = () => join(rig.sandbox.manager("manager_1").home, "work", "mnesia");

describe("both managers were started by hand after a copy that nobody noted", () => {
  let again: Ran;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await interrupted(sandbox);
    await sandbox.startManager("manager_0");
    await sandbox.startManager("manager_1");
    await sandbox.waitForPair();
    await sandbox.console("manager_1", "create-user late");
    again = await rig.up();
  });

  it("recovers them with what users wrote", async () => {
    expect(again.error).toBeUndefined();
    expect(again.outcome.verdict).toBe("recovered");
    for (const name of ["manager_0", "manager_1"])
      expect(await rig.sandbox.console(name, "get-users")).toContain("late");
  });

  it("keeps that copy, and a backup of it", async () => {
    const { backups, node } = rig.sandbox.manager("manager_1");
    const beside = await readdir(besideMnesia());
    expect(beside.filter((name) => name.endsWith(".outdated-1"))).toHaveLength(1);
    const published = await readdir(join(backups, "production-inplace"));
    expect(published.filter((name) => name.startsWith(`files-${node}-`)).length).toBeGreaterThan(1);
  });
});

describe("the damaged files were put back by hand over a copy that nobody noted", () => {
  let again: Ran;

  beforeAll(async () => {
    await interrupted(await rig.begin());
    const names = await readdir(besideMnesia());
    const moved = names.find((name) => name.endsWith(".inplace"));
    const place = moved?.replace(/\.inplace$/, "") ?? "";
    await rename(join(besideMnesia(), place), join(besideMnesia(), "by-hand"));
    await rename(join(besideMnesia(), moved ?? ""), join(besideMnesia(), place));
    again = await rig.up();
  });

  it("moves them aside again and recovers", async () => {
    expect(again.error).toBeUndefined();
    expect(again.outcome.verdict).toBe("recovered");
    const beside = await readdir(besideMnesia());
    expect(beside.filter((name) => name.endsWith(".outdated-1"))).toHaveLength(1);
  });
});
