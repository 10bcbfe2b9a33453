import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { providersOf } from "../../providers/resources";
import { Session } from "../../providers/session/session";
import { inPlaceInputs, sandboxForFile, targetOf } from "./support/refusalRig";
import { serving } from "./support/serving";

/** A manager that is recovered in place, and that somebody starts between the check and the backup of its files. */
const sandbox = sandboxForFile({ storages: 0, gateways: 0 });
const { mnesiaBackup, recoveryCheck } = providersOf(new Session());
const [DONOR, DAMAGED] = ["manager_0", "manager_1"] as const;
const incident = "ran-last";

const clear = () => {
  const manager = targetOf(sandbox(), DAMAGED);
  return mnesiaBackup.create({ cluster: "production", incident, kind: "files", clear: true, manager });
};
const start = async (name: string) => {
  await sandbox().startManager(name);
  await serving(sandbox(), name);
};
const files = async () => {
  const directory = join(sandbox().manager(DAMAGED).home, "work", "mnesia", "127.0.0.1");
  return (await sandbox().run(DAMAGED, `ls '${directory}'`)).stdout;
};

beforeAll(async () => {
  await sandbox().stopManager(DAMAGED);
  await recoveryCheck.create({ ...inPlaceInputs(sandbox(), [DONOR, DAMAGED], 0), incident });
});

it("is not cleared once it ran on alone: what was written then is in its files only", async () => {
  await start(DAMAGED);
  await sandbox().stopManager(DONOR);
  await sandbox().stopManager(DAMAGED);
  const refused = await clear().then(
    () => "it was cleared",
    (error: Error) => error.message,
  );
  expect(refused).toMatch(
    /manager_1@\S+ was started since .* manager_0@\S+ went down before it: it ran on alone/,
  );
  expect(await files()).toContain("schema.DAT");
});

it("and is once the donor got that too, as the message says", async () => {
  for (const name of [DAMAGED, DONOR]) await start(name);
  await sandbox().stopManager(DAMAGED);
  const { outs } = await clear();
  expect(outs).toMatchObject({ movedTo: expect.stringContaining(incident) });
  expect(await files()).toBe("");
});
