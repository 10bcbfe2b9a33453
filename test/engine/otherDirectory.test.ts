import { expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { changesSince, pictureAtRest } from "./support/picture";
import { rigForThisFile } from "./support/recoveryRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1, gateways: 0 });

it("half-way, without the state and with another backupDirectory: refused with the one it was begun with", async () => {
  const sandbox = await rig.begin();
  await sandbox.lose("master");
  await sandbox.spare();
  await makeStubborn(sandbox, "manager_1");
  const settings = takeoverSettings(sandbox.description, "lost");
  await rig.configure(settings);
  expect((await rig.up()).error).toContain("did not start");
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

  await rig.configure(settings);
  expect((await rig.up()).outcome.verdict).toBe("recovered");
});
