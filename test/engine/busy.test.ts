import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { sandboxForFile } from "./support/refusalRig";
import { stackForFile } from "./support/stackRuns";

type Console = (command: string) => Promise<string>;

/** What a manager was told and took: users that are there now, and users that were and are not. */
interface Taken {
  held: string[];
  removed: string[];
}

/** Makes users and removes earlier ones through a manager's console, one after the other, until told to stop. */
function writeAllTheTime(console: Console): () => Promise<Taken> {
  const held: string[] = [];
  const removed: string[] = [];
  const ask = (command: string) => console(command).catch(() => "nobody listens");
  let on = true;
  const writing = (async () => {
    for (let n = 0; on; n += 1) {
      const serves = (await ask(`create-user busy${n}`)).includes("secret-access-key");
      if (serves) held.push(`busy${n}`);
      if (serves && n % 2 === 0 && held.length > 5) {
        const user = held.shift()!;
        // Without an answer nobody knows whether it was done.
        if ((await ask(`delete-user ${user}`)).startsWith("OK")) removed.push(user);
      }
      await pause(5);
    }
  })();
  return async () => {
    on = false;
    await writing;
    return { held, removed };
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
    const stop = writeAllTheTime((command) => sandbox().console("manager_1", command));
    const run = await stack.up();
    const { held, removed } = await stop();
    expect(run.errors).toEqual([]);
    expect(run.outcome.production?.verdict).toBe("recovered");
    for (const taken of [held, removed]) expect(taken.length).toBeGreaterThan(10);
    for (const manager of [kind === "takeover" ? "manager_2" : "manager_0", "manager_1"]) {
      const { users } = (await sandbox().json(manager, "get-users")) as { users: { user_id: string }[] };
      const there = new Set(users.map((user) => user.user_id));
      expect(held.filter((user) => !there.has(user))).toEqual([]);
      expect(removed.filter((user) => there.has(user))).toEqual([]);
    }
  });
});
