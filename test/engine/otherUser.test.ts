import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { sandboxForFile } from "./support/refusalRig";
import { stackForFile } from "./support/stackRuns";

const USER = `leofs-test-${process.pid}`;
const mayMakeUsers = process.getuid?.() === 0;
if (!mayMakeUsers) console.log("left out: LeoFS under a user of its own (only root may make one)");

/** As LeoFS's packages install it: logged in as root, LeoFS runs as a user with a home of its own. */
describe.skipIf(!mayMakeUsers).each([
  ["found in leo_manager.environment", {}],
  ["named by the setting runAs", { runAs: USER }],
])("LeoFS runs as another user than the one who logs in, %s", (_, named) => {
  const sandbox = sandboxForFile({ storages: 1, gateways: 0 });
  const stack = stackForFile();

  beforeAll(async () => {
    const home = join(sandbox().directory, "user");
    await mkdir(home);
    execFileSync("useradd", ["-r", "-M", "-d", home, "-s", "/usr/sbin/nologin", USER]);
    execFileSync("chown", [USER, home]);
    await openWay();
    for (const manager of ["manager_0", "manager_1"]) {
      await sandbox().stopManager(manager);
      await giveAway(manager);
    }
    for (const manager of ["manager_1", "manager_0"])
      execFileSync("runuser", [
        "-u",
        USER,
        "--",
        join(sandbox().manager(manager).home, "bin", "leo_manager"),
        "start",
      ]);
    await sandbox().waitForPair();
    await sandbox().lose("master");
    await sandbox().spare();
    await giveAway("manager_2");
    const { takeover, ...settings } = takeoverSettings(sandbox().description, "other-user");
    const { lost, survivor, replacement } = takeover as Record<string, object>;
    const pair = { survivor: { ...survivor, ...named }, replacement: { ...replacement, ...named } };
    await stack.configure({ production: { ...settings, takeover: { lost, ...pair } } });
  });

  afterAll(async () => {
    await sandbox().down();
    execFileSync("userdel", [USER]);
  });

  /** The user has to get to its homes, and to the compiled modules. */
  async function openWay(): Promise<void> {
    const { directory } = sandbox();
    for (const part of ["", "hosts", "ebin"]) await chmod(join(directory, part), 0o755);
    execFileSync("chmod", ["-R", "a+rX", join(directory, "ebin")]);
  }

  async function giveAway(manager: string): Promise<void> {
    const { home, backups } = sandbox().manager(manager);
    for (const way of [join(home, "..", ".."), join(home, "..")]) await chmod(way, 0o755);
    execFileSync("chown", ["-R", USER, home, backups]);
    const file = join(home, "etc", "leo_manager.environment");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/^(export )?RUNNER_USER=.*$/m, `RUNNER_USER=${USER}`));
  }

  it("recovers, and everything that was made belongs to LeoFS's user", async () => {
    const run = await stack.up();
    expect(run.errors).toEqual([]);
    expect(run.outcome.production?.verdict).toBe("recovered");
    const uid = Number(execFileSync("id", ["-u", USER]).toString());
    const { home, backups } = sandbox().manager("manager_1");
    for (const made of [
      join(backups, "production-other-user"),
      join(backups, "production-other-user", "journal"),
      join(home, "work", "mnesia", "127.0.0.1"),
      join(home, "etc", "leo_manager.conf"),
    ])
      expect((await stat(made)).uid, made).toBe(uid);
    const users = execFileSync("ps", ["-eo", "user:40,args"]).toString().split("\n");
    const managers = users.filter(
      (line) => line.includes(sandbox().directory) && /beam\.smp.* -name manager_/.test(line),
    );
    expect(managers.map((line) => line.split(" ")[0])).toEqual([USER, USER]);
  });
});
