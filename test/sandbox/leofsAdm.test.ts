import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sandboxForThisFile } from "./testSandbox";

describe("leofs-adm", () => {
  const sandbox = sandboxForThisFile({ storages: 1, gateways: 0, users: 1, buckets: 0 });
  const adm = (host: string, args: string) => sandbox().run(host, `TERM=dumb leofs-adm ${args}`);

  it("asks the manager of its own host by default", async () => {
    expect(await adm("master", "version")).toMatchObject({ code: 0, stdout: "1.4.4\r\n" });
    const rows = (await adm("slave", "version all")).stdout
      .split("\r\n")
      .filter((line) => line.startsWith("  M "));
    expect(rows.map((line) => line.split("|")[1]?.trim())).toEqual([
      sandbox().manager("slave").node,
      sandbox().manager("master").node,
    ]);
  });

  it("takes -h and -p before the command", async () => {
    const { address, consolePort } = sandbox().manager("slave");
    expect((await adm("master", `-h ${address} -p ${consolePort} status`)).stdout).toMatch(
      /^ \[System Confiuration\]/,
    );
    expect(await adm("master", "-p 10099 status")).toMatchObject({
      code: 1,
      stdout: "Error: couldn't connect to LeoFS Manager\n",
    });
  });

  it("exits 0 on [ERROR]", async () => {
    expect(await adm("master", "get-buckets")).toMatchObject({
      code: 0,
      stdout: "[ERROR] Bucket not found\r\n",
    });
    expect(await adm("master", "status nosuch@127.0.0.1")).toMatchObject({
      code: 0,
      stdout: "[ERROR] not_found\r\n",
    });
  });

  it("writes: users with their keys, buckets, endpoints", async () => {
    const created = await adm("master", "create-user carol");
    expect(created.stdout).toMatch(
      /^ {2}access-key-id: [0-9a-f]{20}\r\n {2}secret-access-key: [0-9a-f]{40}\r\n\r\n$/,
    );
    expect(await adm("master", "add-bucket photo 05236")).toMatchObject({ code: 0, stdout: "OK\r\n" });
    expect(await adm("master", "add-bucket photo 05236")).toMatchObject({
      stdout: "[ERROR] already_yours\r\n",
    });
    expect(await adm("slave", "add-endpoint s3.test.local")).toMatchObject({ code: 0, stdout: "OK\r\n" });
    expect((await adm("slave", "get-users")).stdout).toContain("carol ");
    expect((await adm("master", "get-endpoints")).stdout).toContain("s3.test.local ");
  });

  it("prints the command's usage and exits 0 on a wrong number of arguments", async () => {
    expect(await adm("master", "status a b")).toMatchObject({
      code: 0,
      stdout:
        "Usage:\n  leofs-adm status [<node>]\nDescription:\n" +
        "  - Retrieve status of every node (default)\n  - Retrieve status of the specified node\n",
    });
    const { code, stdout } = await adm("master", "update-managers only_one");
    expect([code, stdout.split("\n")[1]]).toEqual([
      0,
      "  leofs-adm update-managers <manager-master> <manager-slave>",
    ]);
  });

  it("as shipped has neither dump nor load: its whole usage, exit 1", async () => {
    const usage = await adm("master", "bogus");
    expect(usage.code).toBe(1);
    expect(usage.stdout).toMatch(/^usage: leofs-adm \[--help\]\n/);
    expect(usage.stdout).not.toContain("mnesia-data");
    const file = join(sandbox().manager("master").backups, "never-made.txt");
    for (const args of [`dump-mnesia-data ${file}`, `load-mnesia-data ${file}`, ""])
      expect(await adm("master", args)).toEqual(usage);
    expect(existsSync(file)).toBe(false);
  });

  it("as documented has both, with -p before or after the command, for the manager of this host", async () => {
    const host = join(sandbox().directory, "hosts", "manager_1");
    writeFileSync(join(host, "bin", "leofs-adm.flavour"), "documented\n");
    const { backups, consolePort } = sandbox().manager("slave");
    const before = `${backups}/before.txt`;
    const after = `${backups}/after.txt`;
    expect(await adm("slave", `-p ${consolePort} dump-mnesia-data ${before}`)).toMatchObject({
      code: 0,
      stdout: "",
    });
    expect(await adm("slave", `dump-mnesia-data -p ${consolePort} ${after}`)).toMatchObject({
      code: 0,
      stdout: "",
    });
    expect(readFileSync(before, "latin1")).toMatch(/^\{tables,/);
    expect(readFileSync(after)).toEqual(readFileSync(before));
    const loaded = await adm("slave", `load-mnesia-data -p ${consolePort} ${before}`);
    expect(loaded.stdout.match(/^\*\* Table \w+ already exists/gm)).toHaveLength(22);
    expect((await adm("slave", `-p 10099 dump-mnesia-data ${after}`)).code).toBe(1);
    expect((await adm("slave", "bogus")).stdout).toContain("dump-mnesia-data [-p <port>] <absolute-path>");
  });
});
