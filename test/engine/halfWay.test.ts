import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { diagnose } from "../../cli/diagnose/diagnose";
import { incidentsOf, notOver } from "../../cli/diagnose/halfWay";
import { lookAtState } from "../../leofs/checks/view";
import { managerOn } from "../../leofs/manager/hostManager";
import { connect } from "../../remote/ssh/pool";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { rowsOf } from "./support/clusterFacts";
import { journalEntry, noProvider, upKilledAt, upKilledOnce } from "./support/killedUp";
import { type Ran, rigForThisFile } from "./support/recoveryRig";

// LeoFS's own time until its last tables: what users have is loaded long before.
const rig = rigForThisFile({ storages: 1, timers: { SANDBOX_LATE_TABLES_MS: 4_000 } });
const nodeOf = (name: string): string => rig.sandbox.manager(name).node;

const hostOf = async (name: string) => {
  const { address: host, sshPort: port, hostKey } = rig.sandbox.manager(name);
  const { key, user } = rig.sandbox.description;
  return connect({ host, port, user, hostKey, privateKey: await readFile(key, "utf8") });
};

/** Says who serves, what is cleared, and both ways to go on. */
function expectSaid(text: string): void {
  expect(text).toContain("HALF-WAY: the recovery of incident stopped was begun and is not over");
  expect(text).toContain("NO MANAGER SERVES");
  expect(text).toContain(`${nodeOf("manager_1")} is down, its Mnesia directory is cleared`);
  expect(text).toContain(`${nodeOf("manager_2")} is down`);
  expect(text).toContain("pulumi up with incident stopped");
  expect(text).toContain("rollback: true");
}

const warnings = ({ messages }: Ran): string =>
  messages.flatMap(({ severity, message }) => (severity === "warning" ? [message] : [])).join("\n");

describe("a takeover that Ctrl-C ended while both managers are down", () => {
  let before: Record<string, string[]>;
  let stopped: Ran;

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
    before = await rowsOf(sandbox, "manager_1");
    await rig.configure(takeoverSettings(sandbox.description, "stopped"));
    const cleared = journalEntry(rig, "manager_1", "stopped", `clear.${nodeOf("manager_1")}.done`);
    stopped = await upKilledAt(rig, cleared, "SIGINT");
  });

  it("has said before that no manager serves, and how it goes on", () => {
    expect(stopped.error).toBeDefined();
    expect(stopped.messages.map(({ message }) => message).join("\n")).toContain(
      "no manager serves from here on",
    );
  });

  it("says so in the next preview, whose plan marks the stop as done and names every node that is told", async () => {
    const next = await rig.preview();
    expectSaid(warnings(next));
    const plan = next.plan.map((line) => line.trim()).join(" ");
    expect(plan).toMatch(/ 3\. stop manager_1@.* S3 goes on - done \S+ stop 4\. /);
    expect(plan).toMatch(
      / start the master manager_2@\S+, at once the slave manager_1@\S+ \S+ start, \S+ start \d+\. load the dump /,
    );
    for (const { node } of Object.values(rig.sandbox.description.nodes)) expect(plan).toContain(node);
  });

  it("says so when it is refreshed", async () => expectSaid(warnings(await rig.refresh())));

  it("is no case of its own to `diagnose`, which says how it goes on", async () => {
    const views = await Promise.all(
      ["manager_1", "manager_2"].map(async (name) => {
        const { node, home } = rig.sandbox.manager(name);
        return lookAtState(await managerOn(await hostOf(name), { node, home }, "/none/diagnose"));
      }),
    );
    const halfWay = notOver(await incidentsOf(views, rig.sandbox.manager("manager_1").backups));
    expect(halfWay.map(({ changes }) => changes).join()).toContain(`clear.${nodeOf("manager_1")} done`);
    const ask = () => Promise.reject(new Error("nobody need be asked"));
    const { kind, next } = await diagnose({ views, unreachable: [], halfWay, ask });
    expect([kind, next[0]]).toEqual(["unclear", expect.stringContaining("`pulumi up`")]);
  });

  it("says so when its stack is destroyed, and goes on from there without it", async () => {
    const destroyed = await rig.destroy();
    expect(destroyed.error).toBeUndefined();
    expectSaid(warnings(destroyed));
  });

  it("is ended again between the two parts of its load: the next up loads the other part, and undoes nothing", async () => {
    const users = () => rig.sandbox.console("manager_1", "get-users").catch(() => "");
    const usersAreBack = async () => (await users()).includes("user1");
    await upKilledOnce(rig, "users on the consoles again", usersAreBack, "SIGKILL");
    await noProvider(rig);
    const noted = (entry: string) => existsSync(journalEntry(rig, "manager_1", "stopped", entry));
    expect([noted("load.begun"), noted("load-later.done"), noted("load.done")]).toEqual([true, false, false]);
    await rig.sandbox.console("manager_2", "update-user-role user1 9");
    const changed = (await rowsOf(rig.sandbox, "manager_1")).leo_s3_users;
    await rig.stack.stack.cancel();
    const resumed = await rig.up();
    expect(resumed.error).toBeUndefined();
    expect(resumed.outcome.verdict).toBe("recovered");
    expect(noted("load-later.done")).toBe(true);
    expect(changed).not.toEqual(before.leo_s3_users);
    for (const name of ["manager_1", "manager_2"])
      expect(await rowsOf(rig.sandbox, name)).toEqual({ ...before, leo_s3_users: changed });
    expect(warnings(await rig.refresh())).not.toContain("HALF-WAY");
  });
});
