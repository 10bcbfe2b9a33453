import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { providersOf } from "../../providers/resources";
import { releaseLock } from "../../providers/session/pairLock";
import { Session } from "../../providers/session/session";
import { sandboxForFile, takeoverInputs, targetOf } from "./support/refusalRig";
import { serving } from "./support/serving";

/** A manager that was down when the takeover was begun, and is back once the survivor is stopped. */
const sandbox = sandboxForFile();
const session = new Session();
const { mnesiaBackup, recoveryCheck } = providersOf(session);
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
  await serving(sandbox(), "manager_0");
});

it("a storage node says whom it reaches, whatever the hosts of the managers see", async () => {
  const manager = await new Session().managerOf(targetOf(sandbox(), "manager_1"), inputs());
  const askers = Object.values(sandbox().description.nodes).map(({ node }) => node);
  const { node } = sandbox().manager("manager_0");
  expect(await manager.reachedFrom(askers, node)).toMatchObject({ node, answers: true });
  expect(await manager.reachedFrom(askers, "manager_9@127.0.0.1")).toMatchObject({ answers: false });
});

it("after the stop nothing is cleared while it is alive", async () => {
  await sandbox().stopManager("manager_1");
  const refused = await mnesiaBackup.create(files()).then(
    () => "it was cleared",
    (error: Error) => error.message,
  );
  expect(refused).toMatch(/^manager_0@\S+ is alive \(/);
  expect(refused).toMatch(/Nothing was cleared\. Start manager_1@\S+ \(\S+\/bin\/leo_manager start on /);
  expect(await sandbox().run("manager_1", `ls '${mnesia()}'`)).toMatchObject({
    stdout: expect.stringContaining("schema.DAT"),
  });
});

it("nor once it is down again: it ran last, and has what was written then", async () => {
  await sandbox().stopManager("manager_0");
  const refused = await mnesiaBackup.create(files()).then(
    () => "it was cleared",
    (error: Error) => error.message,
  );
  expect(refused).toMatch(
    /do not note that manager_0@\S+ went down before it.*Nothing of manager_1@\S+ was cleared/,
  );
  expect(await sandbox().run("manager_1", `ls '${mnesia()}'`)).toMatchObject({
    stdout: expect.stringContaining("schema.DAT"),
  });
  await sandbox().startManager("manager_0");
  await serving(sandbox(), "manager_0");
});

it("is refused while only storage nodes reach the lost manager", async () => {
  // One run works on one incident: the one before is over.
  await releaseLock(session, inputs().managers);
  await sandbox().startManager("manager_1");
  await serving(sandbox(), "manager_1");
  const [lost, survivor] = ["manager_0", "manager_1"].map((name) => sandbox().manager(name).node);
  // Connections that stand stay; nobody gets a new one: a network that is cut between the managers' hosts alone.
  await sandbox().evaluate(
    lost!,
    `erlang:set_cookie(node(), cut_off), [erlang:disconnect_node(N) || N <- ['${survivor}' | nodes(hidden)]]`,
  );
  const refused = await recoveryCheck.create({ ...inputs(), incident: "cut" }).then(
    () => "it was begun",
    (error: Error) => error.message,
  );
  expect(refused).toMatch(
    /manager_0@\S+ is called lost, but it answers \(\S+ reaches it over Erlang distribution\)/,
  );
});

it("and, of a survivor that is down, while only nodes that its files know reach it", async () => {
  await sandbox().stopManager("manager_1");
  const incident = "cut-and-down";
  await recoveryCheck.create({ ...inputs(), incident, accept: ["survivorDown"] });
  const refused = await mnesiaBackup.create({ ...files(), incident }).then(
    () => "it was cleared",
    (error: Error) => error.message,
  );
  expect(refused).toMatch(/^manager_0@\S+ is alive \(\S+ reaches it over Erlang distribution\)/);
  expect(await sandbox().run("manager_1", `ls '${mnesia()}'`)).toMatchObject({
    stdout: expect.stringContaining("schema.DAT"),
  });
});
