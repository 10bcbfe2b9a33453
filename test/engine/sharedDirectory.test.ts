import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile({ storages: 1, gateways: 0 });

it("one directory for the backups of both managers, as a share of the network is: recovered, and again nothing to do", async () => {
  const sandbox = await rig.begin();
  await sandbox.lose("master");
  await sandbox.spare();
  const settings = takeoverSettings(sandbox.description, "lost");
  const { backups } = sandbox.manager("manager_1");
  const { survivor, replacement } = settings.takeover as Record<"survivor" | "replacement", object>;
  const shared = { ...replacement, backupDirectory: backups };
  await rig.configure({
    ...settings,
    takeover: { ...(settings.takeover as object), survivor, replacement: shared },
  });
  const up = await rig.up();
  expect(up.error).toBeUndefined();
  expect(up.outcome.verdict).toBe("recovered");
  expect(await readdir(backups)).toEqual(["production-lost"]);
  const journal = await readdir(join(backups, "production-lost", "journal"));
  for (const name of ["manager_1", "manager_2"])
    expect(journal.filter((file) => file.startsWith(`clear.${name}@`))).toHaveLength(2);
  expect(journal.filter((file) => file.startsWith("."))).toEqual([]);
  expect((await rig.up()).changes).toEqual({ same: 15 });
});
