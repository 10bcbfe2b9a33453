import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Console, ConsoleError, ringHash } from "../../../../leofs/console/console";
import { commandLine } from "../../../../leofs/console/consoleProtocol";
import { machineClock } from "../../../../remote/clock";
import type { Host } from "../../../../remote/host";
import { LocalHost } from "../../support/localHost";

const STATUS_JSON =
  '{"system_info":{"version":"1.4.4","cluster_id":"leofs_1","dc_id":"dc_1","n":3,"r":1,"w":2,"d":2,"rack_awareness_replicas":0,' +
  '"ring_hash_cur":17,"ring_hash_prev":-1},"node_list":[{"type":"S","node":"storage_0@10.0.0.21","state":"running","rack_id":"",' +
  '"ring_cur":"00000011","ring_prev":"","when":"2026-11-22 19:39:01 +0000"}]}\r\n';
const STATUS_TEXT =
  " [System Confiuration]\r\n----+----\r\n Item                              | Value    \r\n Basic/Consistency level\r\n" +
  "                    system version | 1.4.4\r\n                        cluster Id | leofs_1\r\n" +
  "                             DC Id | dc_1\r\n                    Total replicas | 3\r\n" +
  "          number of successes of R | 1\r\n          number of successes of W | 2\r\n" +
  "          number of successes of D | 2\r\n number of rack-awareness replicas | 0\r\n" +
  " [mdcr] number of successes of R   | 1\r\n                 current ring-hash | 00000011\r\n" +
  "                previous ring-hash | \r\n-----+-----\r\n\r\n [State of Node(s)]\r\n" +
  " type  |           node           |    state     | rack id |  current ring  |   prev ring    |          updated at         \r\n" +
  "  S    | storage_0@10.0.0.21      | running      |         | 00000011       |                | 2026-11-22 19:39:01 +0000\r\n\r\n";
const STATUS = {
  ring: "00000011",
  previousRing: "",
  nodes: [
    {
      type: "storage",
      node: "storage_0@10.0.0.21",
      state: "running",
      ring: "00000011",
      previousRing: "",
    },
  ],
};

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** A console that answers by command, each character in a packet of its own where `slowly`. */
async function serve(answer: (command: string) => string | undefined, bye = "BYE\r\n"): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    let received = "";
    socket.on("error", () => undefined);
    socket.on("data", (part) => {
      received += part;
      const [command = "", quit] = received.split("\r\n");
      if (quit !== "quit") return;
      const reply = answer(command);
      if (reply === undefined) return;
      for (const character of reply + (reply === "" ? "" : bye)) socket.write(character);
      socket.end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** This machine as a host: real connections, real scripts; `forwarding: false` refuses as an SSH server would. */
function localHost(forwarding = true): Host & { dials: number } {
  return {
    label: "here",
    clock: machineClock,
    dials: 0,
    run: (...all) => new LocalHost().run(...all),
    spawn: () => Promise.reject(new Error("not needed")),
    converse: () => Promise.reject(new Error("not needed")),
    dial(address, port) {
      this.dials += 1;
      if (!forwarding)
        return Promise.reject(Object.assign(new Error("does not forward"), { kind: "forwarding" }));
      return new Promise((resolve, reject) => {
        const socket = connect(port, address, () => resolve(socket));
        socket.once("error", reject);
      });
    },
  };
}

async function consoleWith(
  answer: (command: string) => string | undefined,
  bye?: string,
  timeoutMs?: number,
) {
  const port = await serve(answer, bye);
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  return new Console(localHost(), { address: "127.0.0.1", port, jsonPort: port }, options);
}

const failure = async (action: Promise<unknown>): Promise<ConsoleError> => {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConsoleError);
  return error as ConsoleError;
};

describe("the console over a connection", () => {
  test("a reply that comes in single bytes is read to its end", async () => {
    const client = await consoleWith((command) => (command === "version" ? "1.4.4\r\n" : "[ERROR] ?\r\n"));
    expect(await client.command("version")).toBe("1.4.4\r\n");
  });

  test("status with ring hashes as 8 hex digits", async () => {
    const client = await consoleWith((command) => (command === "status" ? STATUS_JSON : ""));
    expect(await client.status()).toEqual(STATUS);
    expect([ringHash(0x433fe365), ringHash(0x1f), ringHash(0), ringHash(-1)]).toEqual([
      "433fe365",
      "0000001f",
      "",
      "",
    ]);
  });

  test("users, buckets, endpoints", async () => {
    const replies: Record<string, string> = {
      "get-users":
        '{"users":[{"access_key_id":"05236","user_id":"_test_leofs","role_id":9,"created_at":"now"}]}',
      "get-buckets": '{"buckets":[]}',
      "get-endpoints": '{"endpoints":[{"endpoint":"localhost","created_at":"now"}]}',
    };
    const client = await consoleWith((command) => `${replies[command]}\r\n`);
    expect(await client.users()).toEqual([
      { userId: "_test_leofs", roleId: 9, accessKeyId: "05236", createdAt: "now" },
    ]);
    expect(await client.buckets()).toEqual([]);
    expect(await client.endpoints()).toEqual([{ endpoint: "localhost", createdAt: "now" }]);
  });

  test("update-managers is done only when LeoFS says OK", async () => {
    const sent: string[] = [];
    const client = await consoleWith((command) => {
      sent.push(command);
      return sent.length === 1 ? "OK\r\n" : "[ERROR] Could not update manager(s)\r\n";
    });
    await client.updateManagers("m0@x", "m2@x");
    expect(sent).toEqual(["update-managers m0@x m2@x"]);
    expect(await failure(client.updateManagers("m0@x", "m2@x"))).toMatchObject({
      kind: "refused",
      reply: "Could not update manager(s)",
    });
  });

  test.each([
    ["", "BYE\r\n", "empty", /closed its console on `status` without an answer/],
    ["\r\n", "", "cut", /ended too early/],
    ['{"system_info"', "", "cut", /ended too early/],
    ['{"error":"Mnesia is not available"}\r\n', "BYE\r\n", "refused", /Mnesia is not available/],
    ["no JSON\r\n", "BYE\r\n", "unreadable", /not what LeoFS/],
    ['{"result":"OK"}\r\n', "BYE\r\n", "unreadable", /not what LeoFS/],
  ])("the answer %j%j is a failure: %s", async (reply, bye, kind, message) => {
    const client = await consoleWith(() => reply, bye);
    expect(await failure(client.status())).toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  test("silence ends at the limit and says what may be the matter", async () => {
    const client = await consoleWith(() => undefined, "", 100);
    expect(await failure(client.command("version"))).toMatchObject({
      kind: "timeout",
      message: expect.stringMatching(/three connections/),
    });
  });

  test("no value becomes a second command or word", () => {
    for (const word of ["a b", "a\r\nquit", "", "a\tb", "\u00e9"])
      expect(() => commandLine(["update-managers", word])).toThrow(RangeError);
    expect(() => commandLine(["x".repeat(2000)])).toThrow(RangeError);
  });
});

describe("where forwarding is off, leofs-adm on the host", () => {
  let directory: string;
  let adm: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "leofs-console-"));
    adm = join(directory, "leofs-adm");
    writeFileSync(
      adm,
      `#!/bin/sh
[ "$1 $2 $3 $4" = "-h 10.0.0.11 -p 10011" ] || { echo "usage: leofs-adm"; exit 1; }
shift 4
case "$*" in
status) cat "$(dirname "$0")/status" ;;
get-buckets) printf '[ERROR] Bucket not found\\r\\n' ;;
get-users) printf 'user_id | role_id | access_key_id | created_at\\r\\n---+---+---+---\\r\\nalice   | 1 | eae2 | now \\r\\n\\r\\n' ;;
version) echo "Error: couldn't connect to LeoFS Manager"; exit 1 ;;
*) echo "usage: leofs-adm"; exit 0 ;;
esac
`,
      { mode: 0o755 },
    );
    writeFileSync(join(directory, "status"), STATUS_TEXT);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test("is asked, and its text says the same", async () => {
    const host = localHost(false);
    const client = new Console(host, { address: "10.0.0.11", port: 10011, adm });
    expect(await client.status()).toEqual(STATUS);
    expect(await client.buckets()).toEqual([]);
    expect(await client.users()).toEqual([
      { userId: "alice", roleId: 1, accessKeyId: "eae2", createdAt: "now" },
    ]);
    expect(host.dials).toBe(1);
    expect(await failure(client.command("version"))).toMatchObject({ kind: "unreachable" });
    expect(await failure(client.command("bogus"))).toMatchObject({ kind: "unreadable" });
  });

  test("unless there is none: then the host's own error says what to do", async () => {
    await expect(new Console(localHost(false)).status()).rejects.toThrow("does not forward");
  });
});
