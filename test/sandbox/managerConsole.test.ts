import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openConsole, reply, ringHashOf } from "./managerSupport";
import { sandboxForThisFile } from "./testSandbox";

const cluster = sandboxForThisFile({ storages: 1, gateways: 1, users: 1, buckets: 1, endpoints: 0 });
const master = () => cluster().manager("master");
const say = (line: string) => cluster().console("master", line);

/** What the console sends for these bytes, and `quit`, up to the end of the connection. */
async function exchange(bytes: string, port = master().consolePort): Promise<string> {
  const connection = openConsole(master(), port);
  connection.send(`${bytes}quit\r\n`);
  return connection.closed();
}

describe("framing", () => {
  test("CRLF and LF both end a command, but help and quit want CRLF", async () => {
    expect(await exchange("version\n")).toBe("1.4.4\r\nBYE\r\n");
    expect(await exchange("version\r\n")).toBe("1.4.4\r\nBYE\r\n");
    expect(await exchange("help\n")).toBe("[ERROR] Command not exist\r\nBYE\r\n");
    expect(await exchange("quit\n")).toBe("[ERROR] Command not exist\r\nBYE\r\n");
    expect(await exchange("help\r\n")).toContain("update-managers <manager-master> <manager-slave>\r\n");
  });

  test("an empty line gets no reply; commands may come together or in pieces", async () => {
    expect(await exchange("\r\n")).toBe("BYE\r\n");
    expect(await exchange("version\r\nversion\r\nbogus\r\n")).toBe(
      "1.4.4\r\n1.4.4\r\n[ERROR] Command not exist\r\nBYE\r\n",
    );
    const pieces = openConsole(master());
    pieces.send("ver");
    pieces.send("sion\r");
    pieces.send("\nquit\r\n");
    expect(await pieces.closed()).toBe("1.4.4\r\nBYE\r\n");
  });

  test("a fourth text connection waits until one of three closes; the JSON port has more", async () => {
    const open = [1, 2, 3].map(() => openConsole(master()));
    for (const connection of open) {
      connection.send("version\r\n");
      await connection.until(/1\.4\.4\r\n/);
    }
    const fourth = openConsole(master());
    fourth.send("version\r\n");
    expect(await exchange("version\r\n", master().jsonPort)).toBe('{"result":"1.4.4"}\r\nBYE\r\n');
    expect(fourth.received()).toBe("");
    open[0]!.close();
    await fourth.until(/^1\.4\.4\r\n$/);
    for (const connection of [...open, fourth]) connection.close();
  });

  test("a command that crashes closes the connection without a byte", async () => {
    expect(await say("update-managers manager_0@127.0.0.1")).toBe("");
    expect(await say("dump-ring nosuch@127.0.0.1")).toBe("");
    expect(await exchange("backup-mnesia /nonexistent/dir/x.bak\r\n", master().jsonPort)).toBe("");
  });
});

describe("replies", () => {
  test("errors are told in LeoFS's words", async () => {
    const cases: Record<string, string> = {
      bogus: "Command not exist",
      "status nosuch@127.0.0.1": "not_found",
      [`status ${master().node}`]: "not_found",
      "backup-mnesia": "Command not exist",
      "backup-mnesia ": "Not specified node",
      "restore-mnesia /nonexistent/x.bak": "enoent",
      "backup-mnesia /nonexistent/dir/x.bak":
        "{'EXIT',{error,{file_error,\"/nonexistent/dir/x.bak.BUPTMP\",enoent}}}",
      "add-bucket x nosuchkey": "Could not store value",
      "get-bucket nosuch": "Bucket not found",
      "cluster-status": "Could not get cluster info",
      "login x y": "not_found",
      start: "Storage cluster already started",
      "dump-mnesia-data /tmp/x": "Command not exist",
    };
    for (const [line, said] of Object.entries(cases))
      expect([line, await say(line)]).toEqual([line, `[ERROR] ${said}\r\n`]);
    expect(await say("rebalance")).toBe("Generating rebalance-list...\r\n[ERROR] Not need rebalance\r\n");
  });

  test("the JSON console shows the same as the text console, ring hashes of the managers as numbers", async () => {
    const status = (await cluster().json("master", "status")) as {
      system_info: Record<string, unknown>;
      node_list: Record<string, unknown>[];
    };
    const hash = await ringHashOf(cluster(), "master");
    expect(status.system_info).toMatchObject({
      version: "1.4.4",
      cluster_id: "leofs_1",
      n: 1,
      ring_size: 128,
    });
    expect(Number(status.system_info.ring_hash_cur).toString(16).padStart(8, "0")).toBe(hash);
    expect(status.node_list).toMatchObject([
      { type: "S", node: cluster().description.nodes.storage_0!.node, state: "running", ring_cur: hash },
      { type: "G", node: cluster().description.nodes.gateway_0!.node, state: "running", ring_cur: hash },
    ]);
    expect(await cluster().json("master", "bogus")).toEqual({ error: "Command not exist" });
    expect(await cluster().json("master", "status nosuch@127.0.0.1")).toEqual({ error: "not found" });
    expect(await cluster().json("master", "get-users")).toMatchObject({
      users: [
        { user_id: "_test_leofs", role_id: 9, access_key_id: "05236" },
        { user_id: "user1", role_id: 1 },
      ],
    });
  });

  test("status <node>, whereis and dump-ring answer for nodes that are known", async () => {
    const storage = cluster().description.nodes.storage_0!.node;
    expect(await say(`status ${storage}`)).toContain("number of vnodes | 168\r\n");
    expect(await say("whereis photo/hello.txt")).toContain(`       | ${storage.padEnd(24)} |`);
    expect(await say(`dump-ring ${master().node}`)).toBe("OK\r\n");
  });

  test("suspend and resume change the state in the member table", async () => {
    const storage = cluster().description.nodes.storage_0!.node;
    expect(await say(`suspend ${storage}`)).toBe("OK\r\n");
    expect(await say("status")).toMatch(/\n {2}S .* suspend /);
    expect(await say(`resume ${storage}`)).toBe("OK\r\n");
    expect(await say("status")).toMatch(/\n {2}S .* running /);
  });
});

test("backup and restore in place: rows added since vanish", async () => {
  const file = join(master().backups, "b.bak");
  expect(await say(`backup-mnesia ${file}`)).toBe("OK\r\n");
  expect(existsSync(file)).toBe(true);
  expect(await say("create-user after-backup")).toMatch(
    /^ {2}access-key-id: [0-9a-f]{20}\r\n {2}secret-access-key: [0-9a-f]{40}\r\n\r\n$/,
  );
  expect(await say("get-users")).toContain("after-backup");
  expect(await say(`restore-mnesia ${file}`)).toBe("OK\r\n");
  expect(await say("get-users")).not.toContain("after-backup");
  expect(await reply(cluster(), "slave", "get-users")).toBe(await say("get-users"));
});

test("every command is in log/app/cmd_history, passwords included", async () => {
  await say("create-user withpassword opensesame");
  expect(readFileSync(join(master().home, "log", "app", "cmd_history"), "utf8")).toContain(
    "create-user withpassword opensesame",
  );
});
