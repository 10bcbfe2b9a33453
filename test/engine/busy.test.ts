import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { sandboxForFile } from "./support/refusalRig";
import { stackForFile } from "./support/stackRuns";

/** Writes users through a manager's console, one after the other, until told to stop; those it took. */
function writeAllTheTime(create: (user: string) => Promise<string>): () => Promise<string[]> {
  const taken: string[] = [];
  let on = true;
  const writing = (async () => {
    for (let n = 0; on; n += 1) {
      const reply = await create(`busy${n}`).catch(() => "nobody listens");
      if (reply.includes("secret-access-key")) taken.push(`busy${n}`);
      await pause(5);
    }
  })();
  return async () => {
    on = false;
    await writing;
    return taken;
  };
}

const CASES = ["takeover", "in place"] as const;

describe.each(CASES)("%s while somebody writes all the time", (kind) => {
  const sandbox = sandboxForFile({ gateways: 0 });
  const stack = stackForFile();

  it("loses nothing that a manager took, before the stop and after the start", async () => {
    if (kind === "takeover") {
      await sandbox().lose("master");
      await sandbox().spare();
    } else await sandbox().damage("master");
    const { description } = sandbox();
    const settings =
      kind === "takeover"
        ? takeoverSettings(description, "busy")
        : inPlaceSettings(description, "busy", "master");
    await stack.configure({ production: settings });
    const stop = writeAllTheTime((user) => sandbox().console("manager_1", `create-user ${user}`));
    const run = await stack.up();
    const taken = await stop();
    expect(run.errors).toEqual([]);
    expect(run.outcome.production?.verdict).toBe("recovered");
    expect(taken.length).toBeGreaterThan(10);
    for (const manager of [kind === "takeover" ? "manager_2" : "manager_0", "manager_1"]) {
      const { users } = (await sandbox().json(manager, "get-users")) as { users: { user_id: string }[] };
      const held = new Set(users.map((user) => user.user_id));
      expect(taken.filter((user) => !held.has(user))).toEqual([]);
    }
  });
});
