import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Sandbox } from "../../sandbox";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { pidsOf, rowsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";
import { type Written, writeAsFast } from "./support/writer";

// The nodes have hosts, so that the settings have `nodes` too.
const rig = rigForThisFile({ storages: 1, nodeHosts: true });

/** Which manager is recovered, which serves, by the role of the one that is lost or damaged. */
const CASES = [
  ["takeover", "master"],
  ["takeover", "slave"],
  ["in place", "master"],
  ["in place", "slave"],
] as const;

async function settingsOf(sandbox: Sandbox, kind: string, role: "master" | "slave") {
  if (kind === "in place") {
    await sandbox.damage(role);
    return { ...inPlaceSettings(sandbox.description, "online", role), method: "online" };
  }
  await sandbox.lose(role);
  await sandbox.spare();
  return { ...takeoverSettings(sandbox.description, "online"), method: "online" };
}

async function usersOf(sandbox: Sandbox, manager: string): Promise<Set<string>> {
  const { users } = (await sandbox.json(manager, "get-users")) as { users: { user_id: string }[] };
  return new Set(users.map((user) => user.user_id));
}

/** Stops and starts a manager, and waits until it serves again. */
async function restarted(sandbox: Sandbox, manager: string): Promise<void> {
  await sandbox.stopManager(manager);
  await sandbox.startManager(manager);
  await expect.poll(() => sandbox.serves(manager).catch(() => false), { timeout: 60_000 }).toBe(true);
}

describe.each(CASES)("%s of the %s online, while a client writes as fast as it is answered", (kind, role) => {
  const serving = role === "master" ? "manager_1" : "manager_0";
  const made = kind === "takeover" ? "manager_2" : role === "master" ? "manager_0" : "manager_1";
  let ran: Ran;
  let written: Written;
  let before: number[];

  beforeAll(async () => {
    const sandbox = await rig.begin();
    const settings = await settingsOf(sandbox, kind, role);
    before = await pidsOf(sandbox, serving);
    await rig.configure(settings);
    const stop = writeAsFast(sandbox, serving, `${kind.replace(" ", "")}${role}`);
    ran = await rig.up();
    written = await stop();
    const { answers, longestPauseMs } = written;
    console.log(
      `${kind}, ${role}: ${answers} writes while it was recovered, longest pause ${Math.round(longestPauseMs)} ms`,
    );
  });

  it("recovers, and no write fails or is lost", async () => {
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect(ran.outcome.outageSeconds).toBe(0);
    expect(written.failed).toEqual([]);
    expect(written.answers).toBeGreaterThan(50);
    for (const manager of [serving, made]) {
      const there = await usersOf(rig.sandbox, manager);
      expect(written.held.filter((user) => !there.has(user))).toEqual([]);
      expect(written.removed.filter((user) => there.has(user))).toEqual([]);
    }
  });

  it("leaves every conf of a storage or gateway node with the pair in it", async () => {
    const { nodes } = rig.sandbox.description;
    const pair = ["master", "slave"].map(
      (each) =>
        [serving, made].map((name) => rig.sandbox.manager(name)).find((one) => one.role === each)!.node,
    );
    for (const { type, home } of Object.values(nodes))
      expect(await readFile(join(home, "etc", `leo_${type}.conf`), "utf8")).toMatch(
        new RegExp(`^managers = \\[${pair.join(", ")}\\]`, "m"),
      );
    expect(ran.outcome.nextSteps.join()).not.toContain("or it cannot restart");
  });

  it("never stops the serving manager", async () => {
    expect(await pidsOf(rig.sandbox, serving)).toEqual(before);
  });

  it("finds nothing to do at the second up", async () => {
    const again = await rig.up();
    expect(again.error).toBeUndefined();
    expect(Object.keys(again.changes)).toEqual(["same"]);
    expect(again.plan).toEqual([]);
  });

  it("leaves two equal managers that start again on their own, one after the other", async () => {
    const { sandbox } = rig;
    for (const manager of [serving, made]) await restarted(sandbox, manager);
    // The line in its conf was changed while it ran: by now it was started with it.
    const partners = "application:get_env(leo_manager, manager_partners)";
    const [one, two] = [serving, made].map((name) => sandbox.manager(name).node);
    expect(await sandbox.evaluate(one!, partners)).toBe(`{ok, ['${two}']}`);
    expect(await rowsOf(sandbox, made)).toEqual(await rowsOf(sandbox, serving));
    for (const manager of [serving, made]) expect(await sandbox.tablesOnDisc(manager)).toBe(22);
  });
});
