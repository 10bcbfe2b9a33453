import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { succeed } from "../../sandbox/commands";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { pidsOf } from "./support/clusterFacts";
import { sandboxForFile } from "./support/refusalRig";
import { type StackRun, stackForFile } from "./support/stackRuns";

const sandbox = sandboxForFile({ storages: 2 });
const stack = stackForFile();
const PAIR = ["manager_1", "manager_2"] as const;

const node = (name: string) => sandbox().manager(name).node;
const confOf = (name: string) => join(sandbox().manager(name).home, "etc", "leo_manager.conf");
const pids = () => Promise.all(PAIR.map((name) => pidsOf(sandbox(), name)));

/** What a run did, or would do, besides nothing, by resource without the cluster's name. */
const done = ({ operations }: StackRun) =>
  Object.fromEntries(
    Object.entries(operations)
      .filter(([name, operation]) => operation !== "same" && name.startsWith("production"))
      .map(([name, operation]) => [name.replace("production-", ""), operation]),
  );

/** A run that must succeed and leave every running manager's process alone. */
async function gently(run: () => Promise<StackRun>): Promise<StackRun> {
  const before = await pids();
  const result = await run();
  expect(result.errors).toEqual([]);
  expect(result.succeeded).toBe(true);
  const after = await pids();
  before.forEach((running, index) => {
    if (running.length > 0) expect(after[index]).toEqual(running);
  });
  return result;
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(file, "utf8");
  const changed = change(text);
  expect(changed).not.toBe(text);
  await writeFile(file, changed);
}

beforeAll(async () => {
  await sandbox().controlNode("storage_1", "stop");
  await sandbox().lose("master");
  await sandbox().spare();
  await stack.configure({ production: takeoverSettings(sandbox().description, "manager-lost") });
});

describe("a storage node that was down during the takeover", () => {
  it("is debt, with what to do about it", async () => {
    const { errors, outcome } = await stack.up();
    expect(errors).toEqual([]);
    expect(outcome.production).toMatchObject({
      verdict: "recovered with debt",
      debt: [expect.stringMatching(/^storage storage_1@\S+ does not answer .*it still has its old managers/)],
    });
    const line = `managers = [${node("manager_2")}, ${node("manager_1")}]`;
    expect(outcome.production?.nextSteps).toContainEqual(
      expect.stringMatching(
        /^on the host of storage_1@\S+: set .* in etc\/leo_storage\.conf, or it cannot restart/,
      ),
    );
    expect(outcome.production?.nextSteps.join("\n")).toContain(line);
  });

  it("stays debt while it is down", async () => {
    const run = await gently(stack.up);
    expect(done(run)).toEqual({ registration: "update" });
    expect(run.outcome.production?.verdict).toBe("recovered with debt");
  });

  it("is paid by the first up after it is back, and the one after that does nothing", async () => {
    const managers = `managers = [${node("manager_2")}, ${node("manager_1")}]`;
    const { home } = sandbox().description.nodes.storage_1!;
    await edit(join(home, "etc", "leo_storage.conf"), (text) => text.replace(/^managers = .*$/m, managers));
    await sandbox().startNode("storage_1");
    const paid = await gently(stack.up);
    expect(done(paid)).toEqual({ registration: "update" });
    expect(paid.outcome.production).toMatchObject({ verdict: "recovered", debt: [] });
    expect(done(await gently(stack.up))).toEqual({});
  });
});

describe("pulumi refresh finds, and the next up mends without stopping a manager", () => {
  it("a partner edited by hand", async () => {
    const before = await readFile(confOf("manager_1"), "utf8");
    await edit(confOf("manager_1"), (text) =>
      text.replace(/^manager\.partner = .*$/m, "manager.partner = manager_7@10.0.0.7"),
    );
    expect(Object.keys((await gently(stack.refresh)).changes).sort()).toEqual(["same", "update"]);
    expect(done(await gently(stack.up))).toEqual({ "survivor-partner": "update" });
    expect(await readFile(confOf("manager_1"), "utf8")).toBe(before);
  });

  it("a node that follows others", async () => {
    await sandbox().console("manager_2", "update-managers manager_8@10.0.0.8 manager_9@10.0.0.9");
    const others = ["manager_8@10.0.0.8", "manager_9@10.0.0.9"];
    expect(await sandbox().managersFollowed("storage_0")).toEqual(others);
    expect(Object.keys((await gently(stack.refresh)).changes).sort()).toEqual(["same", "update"]);
    const run = await gently(stack.up);
    expect(done(run)).toEqual({ registration: "update" });
    for (const name of Object.keys(sandbox().description.nodes))
      expect(await sandbox().managersFollowed(name)).toEqual([node("manager_2"), node("manager_1")]);
  });

  it("a manager that is down", async () => {
    await sandbox().stopManager("manager_2");
    expect(Object.keys((await gently(stack.refresh)).changes).sort()).toEqual(["same", "update"]);
    expect(done(await gently(stack.up))).toEqual({ registration: "update" });
    expect(await sandbox().serves("manager_2")).toBe(true);
  });

  it("nothing when there is nothing", async () => {
    expect(Object.keys((await gently(stack.refresh)).changes)).toEqual(["same"]);
    expect(done(await gently(stack.up))).toEqual({});
  });
});

it("a key rotated in its file runs nothing again", async () => {
  const { key, directory } = sandbox().description;
  const other = join(directory, "keys", "rotated");
  await succeed(sandbox().tools.sshKeygen, ["-q", "-t", "ed25519", "-N", "", "-f", other]);
  for (const name of PAIR)
    await appendFile(
      join(directory, "hosts", name, "ssh", "authorized_keys"),
      await readFile(`${other}.pub`, "utf8"),
    );
  await writeFile(key, await readFile(other));
  // The command plugin keeps keys as text, so its resources take the new one over; their update runs nothing.
  const commands = [
    "stop-survivor",
    "stop-replacement",
    "start-survivor-if-master",
    "start-replacement",
    "start-survivor",
  ];
  expect(done(await gently(stack.up))).toEqual(Object.fromEntries(commands.map((name) => [name, "update"])));
  expect(done(await gently(stack.up))).toEqual({});
});
