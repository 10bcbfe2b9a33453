import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { epmdEnvironment } from "../../sandbox/environment";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { sandboxForFile } from "./support/refusalRig";
import { type StackRun, stackForFile } from "./support/stackRuns";

/** What was proven, and is not so any more, is said first: by refresh and by a later `up` without one. */
const sandbox = sandboxForFile();
const stack = stackForFile();
let proven: StackRun;

const node = (name: string) => sandbox().manager(name).node;
const dated = /NOT SO ANY MORE: .*when the recovery was proven, at 20\d\d-\d\d-\d\dT/;

beforeAll(async () => {
  await sandbox().lose("master");
  await sandbox().spare();
  await stack.configure({ production: takeoverSettings(sandbox().description, "manager-lost") });
  proven = await stack.up();
  expect(proven.errors).toEqual([]);
});

it("the verdict carries its date", () => {
  expect(proven.outcome.production).toMatchObject({
    verdict: "recovered",
    provenAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT.*Z$/),
  });
});

it("a dead manager is named by refresh, and by an up that was not told by one, which starts it", async () => {
  await sandbox().stopManager("manager_2");
  const refreshed = await stack.refresh();
  expect(refreshed.screen).toContain(`NOT SO ANY MORE: ${node("manager_2")} is down`);
  expect(refreshed.screen).toMatch(dated);
  await stack.up();
  expect(await sandbox().serves("manager_2")).toBe(true);

  await sandbox().stopManager("manager_2");
  const looked = await stack.preview();
  expect(looked.plan.production).toContain(`NOT SO ANY MORE: ${node("manager_2")} is down`);
  const run = await stack.up();
  expect(run.errors).toEqual([]);
  expect(run.screen).toContain(`NOT SO ANY MORE: ${node("manager_2")} is down`);
  expect(await sandbox().serves("manager_2")).toBe(true);
  expect(run.outcome.production?.provenAt).not.toBe(proven.outcome.production?.provenAt);
  expect((await stack.up()).operations).toMatchObject({ "production-registration": "same" });
});

it("a lost manager that is up when the pair is proven is a debt, until it is stopped", async () => {
  await sandbox().stopManager("manager_2");
  const { cookie, index } = sandbox().description;
  const lost = spawn("erl", ["-name", node("manager_0"), "-setcookie", cookie, "-noshell", "-noinput"], {
    env: { ...process.env, ...epmdEnvironment(index) },
    stdio: "ignore",
  });
  const ended = once(lost, "exit");
  try {
    const text = new RegExp(
      `^${node("manager_0")}, which is gone from this pair, is up \\(.*stop it for good`,
    );
    const run = await stack.up();
    expect(run.errors).toEqual([]);
    expect(run.outcome.production).toMatchObject({
      verdict: "recovered with debt",
      debt: [expect.stringMatching(text)],
    });
  } finally {
    lost.kill("SIGKILL");
    await ended;
  }
  expect((await stack.up()).outcome.production).toMatchObject({ verdict: "recovered", debt: [] });
});

it("nodes that follow third names are named, and told the pair again", async () => {
  await sandbox().console("manager_2", "update-managers manager_8@10.0.0.8 manager_9@10.0.0.9");
  const run = await stack.up();
  expect(run.errors).toEqual([]);
  expect(run.screen).toContain("follows manager_8@10.0.0.8, manager_9@10.0.0.9; it followed");
  expect(await sandbox().managersFollowed("storage_0")).toEqual([node("manager_2"), node("manager_1")]);
});

it("a manager that another one has replaced since is never started again", async () => {
  const conf = join(sandbox().manager("manager_2").home, "etc", "leo_manager.conf");
  const text = await readFile(conf, "utf8");
  await writeFile(conf, text.replace(/^manager\.partner = .*$/m, "manager.partner = manager_3@10.0.0.3"));
  await sandbox().stopManager("manager_1");
  try {
    const run = await stack.up();
    expect(run.screen).toContain(`NOT SO ANY MORE: ${node("manager_2")} has the partner manager_3@10.0.0.3`);
    expect(run.operations).toMatchObject({ "production-registration": "same" });
    expect(await sandbox().serves("manager_1")).toBe(false);
  } finally {
    await writeFile(conf, text);
  }
  expect((await stack.up()).errors).toEqual([]);
  expect(await sandbox().serves("manager_1")).toBe(true);
});

it("a backup that is gone is called that", async () => {
  const path = proven.outcome.production!.backups.dump!.path;
  await rename(path, `${path}.elsewhere`);
  try {
    for (const run of [await stack.up(), await stack.refresh()]) {
      expect(run.succeeded).toBe(true);
      expect(run.screen).toContain(`the backup ${path} is gone`);
      expect(run.screen).not.toContain("not a backup that was finished");
    }
  } finally {
    await rename(`${path}.elsewhere`, path);
  }
});
