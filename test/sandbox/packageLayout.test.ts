import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { users } from "../../sandbox/package/debian";
import { sandboxForThisFile } from "./testSandbox";

describe("a sandbox laid out as LeoFS's packages lay it", () => {
  const sandbox = sandboxForThisFile({ layout: "package", login: "ops", storages: 1, gateways: 0 });
  const enter = async (manager: string, ...args: string[]) =>
    (await sandbox().enter(manager, ...args)).stdout.trim();

  it("runs every manager under a systemd of its own, as leofs", async () => {
    for (const role of ["master", "slave"] as const) {
      const unit = `leofs-manager-${role}.service`;
      expect(await enter(role, "systemctl", "is-active", unit)).toBe("active");
      expect(await enter(role, "systemctl", "is-enabled", unit)).toBe("enabled");
      const failed = ["list-units", "--failed", "--plain", "--no-legend", "leofs-*", "sandbox-*"];
      expect(await enter(role, "systemctl", ...failed)).toBe("");
      expect(await enter(role, "ps", "-o", "user=", "-C", "beam.smp")).toBe("leofs");
      expect(await enter(role, "ps", "-o", "pid=", "-C", "heart")).toBe("");
    }
  });

  it("gives leofs its directories and leaves the conf files to root", async () => {
    const { home } = sandbox().manager("master");
    const facts = async (path: string) => {
      const { uid, mode } = await stat(join(home, path));
      return `${uid} ${(mode & 0o7777).toString(8)}`;
    };
    expect(await facts("etc")).toBe(`${users.leofs.id} 2755`);
    expect(await facts("work")).toBe(`${users.leofs.id} 2755`);
    expect(await facts("etc/leo_manager.conf")).toBe("0 644");
    expect(await facts("bin")).toBe("0 755");
  });

  it("logs in as ops, who may act as leofs and stop the unit and nothing else", async () => {
    const said = async (text: string) => sandbox().run("master", text);
    expect((await said("id -un; sudo -n -u leofs id -un")).stdout).toBe("ops\nleofs\n");
    expect((await said("sudo -n id")).code).not.toBe(0);
    expect((await said("sudo -n systemctl stop leofs-manager-slave")).code).toBe(0);
    expect((await said("su -s /bin/sh leofs -c id </dev/null")).code).not.toBe(0);
  });

  it("comes up with its managers after a power cut, and down leaves nothing", async () => {
    await sandbox().powerOff("slave");
    expect(await sandbox().isRunning("slave")).toBe(false);
    await sandbox().powerOn("slave");
    await sandbox().waitForPair();
    const { directory } = sandbox();
    await sandbox().down();
    await expect(readdir(directory)).rejects.toThrow("ENOENT");
    const cgroups = await readdir("/sys/fs/cgroup/systemd").catch(() => [] as string[]);
    expect(cgroups.filter((name) => name.includes(directory.replaceAll("/", "-")))).toEqual([]);
  });
});
