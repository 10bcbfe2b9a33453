import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { mnesiaBackup, recoveryCheck } from "../../providers/entry";
import { sandboxForFile, takeoverInputs, targetOf } from "./support/refusalRig";

/** A manager that was down when the takeover was begun, and is back once the survivor is stopped. */
const sandbox = sandboxForFile();
const names = { lost: "manager_0", survivor: "manager_1", replacement: "manager_2" };
const inputs = () => ({ ...takeoverInputs(sandbox(), names), incident: "back-again" });
const files = () => ({
  cluster: "production",
  incident: "back-again",
  kind: "files",
  clear: true,
  prove: true,
  manager: targetOf(sandbox(), "manager_1"),
});
const mnesia = () => join(sandbox().manager("manager_1").home, "work", "mnesia", "127.0.0.1");

beforeAll(async () => {
  await sandbox().stopManager("manager_0");
  await sandbox().spare({ role: "master" });
  await recoveryCheck.create(inputs());
  await sandbox().startManager("manager_0");
});

it("after the stop nothing is cleared while it is alive", async () => {
  await sandbox().stopManager("manager_1");
  const refused = await mnesiaBackup.create(files()).then(
    () => "it was cleared",
    (error: Error) => error.message,
  );
  expect(refused).toMatch(/^manager_0@\S+ is alive again \(/);
  expect(refused).toContain("Nothing was cleared; manager_1@");
  expect(await sandbox().run("manager_1", `ls '${mnesia()}'`)).toMatchObject({
    stdout: expect.stringContaining("schema.DAT"),
  });
});
