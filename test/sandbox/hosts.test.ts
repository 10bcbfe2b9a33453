import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Sandbox } from "../../sandbox";
import { claimIndex, listens, releaseIndex } from "../../sandbox/addresses";
import { command, succeed } from "../../sandbox/commands";
import { sshArguments } from "../../sandbox/login";
import { endSandbox, newDirectory, remains, sandboxForThisFile } from "./testSandbox";

describe("hosts", () => {
  const sandbox = sandboxForThisFile({ storages: 1, users: 1 });

  it("takes a login by key, and has its own leofs-adm and epmd in the session", async () => {
    const { address, consolePort } = sandbox().manager("slave");
    const seen = await sandbox().run(
      "slave",
      'command -v leofs-adm; echo "$ERL_EPMD_PORT $LEOFS_ADM_HOST $LEOFS_ADM_PORT"',
    );
    const { directory, epmdPort } = sandbox().description;
    expect(seen.code).toBe(0);
    expect(seen.stdout).toBe(
      `${directory}/hosts/manager_1/bin/leofs-adm\n${epmdPort} ${address} ${consolePort}\n`,
    );
  });

  it("hands the exit code and standard input through", async () => {
    const seen = await sandbox().run("master", "cat; exit 7", { stdin: "through" });
    expect([seen.code, seen.stdout]).toEqual([7, "through"]);
  });

  it("has a host key of its own, the one in sandbox.json", async () => {
    const { manager_0, manager_1 } = sandbox().description.managers;
    const scan = async (address: string) =>
      (await command("ssh-keyscan", ["-t", "ed25519", "-p", "2222", address])).stdout
        .split(" ")
        .slice(1)
        .join(" ");
    expect((await scan(manager_0!.address)).trim()).toBe(manager_0!.hostKey);
    expect((await scan(manager_1!.address)).trim()).toBe(manager_1!.hostKey);
    expect(manager_0!.hostKey).not.toBe(manager_1!.hostKey);
  });

  it("refuses any other key, and passwords", async () => {
    const stranger = join(sandbox().directory, "keys", "stranger");
    await succeed("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", stranger]);
    const args = sshArguments({ ...sandbox().description, key: stranger }, sandbox().manager("master"));
    const seen = await command("ssh", [...args, "true"]);
    expect(seen.code).toBe(255);
    expect(seen.stderr).toContain("Permission denied (publickey)");
  });

  it("has SFTP and forwards connections to the console", async () => {
    const { backups, address, consolePort } = sandbox().manager("master");
    const args = sshArguments(sandbox().description, sandbox().manager("master"));
    const login = args.at(-1)!;
    const options = args.slice(0, -1).map((word) => (word === "-p" ? "-P" : word));
    const batch = `put ${sandbox().description.key}.pub ${backups}/sent\nls ${backups}\n`;
    const sftp = await command("sftp", [...options, "-b", "-", login], { stdin: batch });
    expect(sftp.code, sftp.stderr).toBe(0);
    expect(readFileSync(`${backups}/sent`, "utf8")).toBe(
      readFileSync(`${sandbox().description.key}.pub`, "utf8"),
    );
    const forwarded = await command("ssh", ["-W", `${address}:${consolePort}`, ...args], {
      stdin: "version\r\nquit\r\n",
    });
    expect(forwarded.stdout).toBe("1.4.4\r\nBYE\r\n");
  });

  it("stands side by side with another sandbox that comes and goes", async () => {
    const directory = newDirectory();
    try {
      const other = await Sandbox.up({
        directory,
        fast: true,
        storages: 0,
        gateways: 0,
        users: 2,
        cluster: "leofs_2",
      });
      expect(other.description.index).not.toBe(sandbox().description.index);
      expect(await other.console("slave", "status")).toContain("| leofs_2\r\n");
      expect(await sandbox().console("slave", "status")).toContain("| leofs_1\r\n");
      await other.down();
      expect(await remains(directory)).toEqual([]);
      expect(existsSync(directory)).toBe(false);
      expect(await sandbox().console("master", "version")).toBe("1.4.4\r\n");
    } finally {
      await endSandbox(directory);
    }
  });

  it("is unreachable, without processes and files, once lost; a spare is another host", async () => {
    const { address, home, nodeAddress, consolePort } = sandbox().manager("slave");
    expect(await sandbox().lose("slave")).toBe("manager_1");
    expect(await listens(address, 2222)).toBe(false);
    expect(await listens(nodeAddress, consolePort)).toBe(false);
    expect(existsSync(join(home, "..", ".."))).toBe(false);
    const name = await sandbox().spare();
    const spare = sandbox().manager(name);
    expect([name, spare.role, spare.spare, spare.address === address]).toEqual([
      "manager_2",
      "slave",
      true,
      false,
    ]);
    expect((await sandbox().run(name, `ls ${spare.home}/etc`)).stdout).not.toContain("vm.args");
    expect(await sandbox().isRunning(name)).toBe(false);
    expect(await Sandbox.open(sandbox().directory).then((same) => same.description)).toEqual(
      sandbox().description,
    );
  });
});

describe("claims on addresses", () => {
  const index = 249;
  const file = `/tmp/leofs-sandbox-${index}.claim`;

  it("takes over what a sandbox that is gone left behind", async () => {
    const gone = spawnSync("true").pid;
    writeFileSync(file, JSON.stringify({ directory: "/nowhere/any/more", pid: gone }));
    try {
      expect(await claimIndex("/tmp/the-next-one", index)).toBe(index);
      expect(readFileSync(file, "utf8")).toContain("/tmp/the-next-one");
      releaseIndex(index, "/tmp/somebody-else");
      expect(existsSync(file)).toBe(true);
      releaseIndex(index, "/tmp/the-next-one");
      expect(existsSync(file)).toBe(false);
    } finally {
      rmSync(file, { force: true });
    }
  });

  it("leaves a claim alone whose sandbox is being built", async () => {
    writeFileSync(file, JSON.stringify({ directory: "/nowhere/yet", pid: process.pid }));
    const other = newDirectory();
    try {
      const claimed = await claimIndex(other, index);
      expect(claimed).not.toBe(index);
      releaseIndex(claimed, other);
    } finally {
      rmSync(file, { force: true });
      await endSandbox(other);
    }
  });
});
