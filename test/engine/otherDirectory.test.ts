import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { endedTakeover } from "./support/endedTakeover";
import { changesSince, pictureAtRest } from "./support/picture";
import { rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile({ storages: 1, gateways: 0 });

it("half-way, without the state: another backupDirectory, or no journal at all, is refused with what is there", async () => {
  const sandbox = await rig.begin();
  const settings = await endedTakeover(rig);
  const before = await pictureAtRest(sandbox);

  await rig.forgetStack();
  const takeover = settings.takeover as Record<"survivor" | "replacement", object>;
  const elsewhere = (manager: { backupDirectory?: string }) => ({
    ...manager,
    backupDirectory: `${manager.backupDirectory}-other`,
  });
  const { survivor, replacement } = takeover;
  const other = { ...takeover, survivor: elsewhere(survivor), replacement: elsewhere(replacement) };
  await rig.configure({ ...settings, takeover: other });
  const said =
    /The incident lost was begun on this pair and is not over: .*clear\.manager_1\S* done.* set backupDirectory as it was/;
  const { plan } = await rig.preview();
  expect(plan.join(" ").replaceAll(/\s+/g, " ")).toMatch(
    /WOULD BE REFUSED: The incident lost was begun .* set backupDirectory as it was/,
  );
  expect((await rig.up()).error).toMatch(said);
  expect(await changesSince(sandbox, before)).toEqual([]);

  // The lock that was given back with the run, and the journals: only the files moved aside are left of it.
  const managers = ["manager_1", "manager_2"].map((name) => sandbox.manager(name));
  const gone = managers.flatMap(({ home, backups }) => [backups, join(home, "work", "leofs-recovery.lock")]);
  for (const path of gone) await rename(path, `${path}.gone`);
  await rig.configure(settings);
  expect((await rig.up()).error).toMatch(
    /files of manager_1@\S+ were moved aside for this very incident \(\S+\.lost\), and no host has a journal/,
  );
  for (const path of gone) {
    await rm(path, { recursive: true, force: true });
    await rename(`${path}.gone`, path);
  }
  expect((await rig.up()).outcome.verdict).toBe("recovered");
});
