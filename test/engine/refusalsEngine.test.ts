import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { secret } from "../../tools/stackConfig";
import { changesSince, pictureAtRest } from "./support/picture";
import { expectNoSecret, expectReadable, managerSettings, sandboxForFile } from "./support/refusalRig";
import { type StackRun, stackForFile } from "./support/stackRuns";

const sandbox = sandboxForFile();
const stack = stackForFile();

/** A takeover with the key as a secret of the settings, and something else said of the replacement's connection. */
async function settings(lost: string, change: object = {}): Promise<Record<string, unknown>> {
  const key = await readFile(sandbox().description.key, "utf8");
  const manager = (name: string, other: object) => {
    const { connection, ...rest } = managerSettings(sandbox(), name);
    const { privateKeyFile: _, ...known } = connection;
    return { ...rest, connection: { ...known, privateKey: secret(key), ...other } };
  };
  const takeover = {
    lost,
    survivor: manager("manager_1", {}),
    replacement: manager("manager_2", change),
  };
  return { incident: "manager-lost", takeover };
}

/** An up that must fail, with no host changed; nothing a person sees holds a secret or a stack trace. */
async function refusedUp(clusters: Record<string, unknown>): Promise<StackRun> {
  await stack.configure(clusters);
  const before = await pictureAtRest(sandbox());
  const run = await stack.up();
  expect(run.succeeded).toBe(false);
  expect(await changesSince(sandbox(), before)).toEqual([]);
  for (const error of run.errors) expectReadable(sandbox(), error);
  expectNoSecret(sandbox(), run.screen);
  return run;
}

beforeAll(async () => {
  await sandbox().spare({ role: "master" });
});

describe("an up that is refused", () => {
  it("says why in one message, and keeps nothing half-made", async () => {
    const { node } = sandbox().manager("manager_0");
    const run = await refusedUp({ production: await settings(node) });
    const [message, ...others] = run.errors.filter((error) => error !== "update failed");
    expect(others).toEqual([]);
    expect(message).toMatch(
      /^the takeover of production is refused, nothing was changed on any host:\n.*is called lost, but it/,
    );
    const state = JSON.stringify(await stack.stack.exportState());
    expect(state).not.toContain("RecoveryCheck::production-check");
    expect(state).not.toContain("PRIVATE KEY");
  });

  it("says which host has another key, before anything is sent to it", async () => {
    await sandbox().lose("master");
    const { node } = sandbox().manager("manager_0");
    const { hostKey } = sandbox().manager("manager_1");
    const run = await refusedUp({ production: await settings(node, { hostKey }) });
    const [message, ...others] = run.errors.filter((error) => error !== "update failed");
    expect(others).toEqual([]);
    expect(message).toMatch(/The host key of \S+ is not the expected one, so nothing was sent to it/);
  });

  it("names every problem of the settings at once, and where it is", async () => {
    const { node } = sandbox().manager("manager_0");
    const good = await settings(node);
    const run = await refusedUp({
      production: { ...good, incident: "with spaces in it", acept: ["rebalance"] },
      "another one": {
        incident: "fine",
        accept: ["everything"],
        takeover: {
          lost: "no node name",
          survivor: {
            node: "manager_1@10.0.0.12",
            home: "relative",
            connection: { host: "10.0.0.12", prot: 22 },
          },
        },
      },
      third: { incident: "fine" },
    });
    const [message = "", ...others] = run.errors.filter((error) => error !== "update failed");
    expect(others).toEqual([]);
    for (const problem of [
      /the settings cannot be used:\n/,
      /- clusters\.production\.acept is not a setting \(is accept meant\?\); there are incident, /,
      /- clusters\.production\.incident: "with spaces in it" cannot name an incident/,
      /- clusters\.another one: a cluster's name is made of letters/,
      /- clusters\.another one\.accept\[0\]: "everything" cannot be accepted; there are \w+, /,
      /- clusters\.another one\.takeover\.lost: "no node name" is not a node name/,
      /- clusters\.another one\.takeover\.survivor\.backupDirectory is missing/,
      /- clusters\.another one\.takeover\.replacement is missing/,
      /- clusters\.third needs one of takeover \(.*\), inPlace \(.*\) and move \(/,
    ])
      expect(message).toMatch(problem);
  });

  it("says what a stack without clusters needs", async () => {
    const run = await refusedUp({});
    expect(run.errors.join("\n")).toMatch(/the setting clusters names no cluster; for example\n/);
  });
});
