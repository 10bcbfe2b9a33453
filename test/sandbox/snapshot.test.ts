import { describe, expect, it } from "vitest";
import { listens } from "../../sandbox/addresses";
import { remains, sandboxForThisFile } from "./testSandbox";

describe("snapshot and restore", () => {
  const sandbox = sandboxForThisFile({ storages: 1, users: 1 });

  it("come back to the state before, whatever was lost, written or added since; down leaves nothing", async () => {
    await sandbox().snapshot();
    const before = await sandbox().status();
    expect(before.managers.manager_0).toMatchObject({ console: "serving", host: true });
    const users = await sandbox().json("slave", "get-users");

    const { users: late } = await sandbox().writeWhileDown({ stopped: "slave", users: 1 });
    expect(JSON.stringify(await sandbox().json("master", "get-users"))).toContain(late[0]!.id);
    await sandbox().lose("master");
    const { address } = sandbox().manager(await sandbox().spare());
    expect(await listens(address, 2222)).toBe(true);
    await sandbox().restore();

    expect(await sandbox().status()).toEqual(before);
    for (const role of ["master", "slave"]) expect(await sandbox().json(role, "get-users")).toEqual(users);
    expect(await listens(address, 2222)).toBe(false);
    await sandbox().down();
    expect(await remains(sandbox().directory)).toEqual([]);
  });
});
