import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { provider } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandProvider } from "../../tools/standIn/provider";
import type { Wire } from "../../tools/standIn/values";
import { SIGNATURE_KEY, UNKNOWN } from "../../tools/standIn/values";
import { freePort, startTestHost, type TestHost } from "./support/host";

const URN = "urn:pulumi:dev::leofs-recovery::command:remote:Command::stop";
const secretly = (value: Wire) => ({ [SIGNATURE_KEY]: "1b47061264138c4ac30d75fd1eb44270", value });

let host: TestHost;
let lines: string[] = [];
let status: string[] = [];

const standIn = commandProvider(() => ({
  line: (text) => lines.push(text),
  status: (text) => status.push(text),
})) as Required<Pick<provider.Provider, "check" | "diff" | "create" | "update" | "delete">>;

async function checked(inputs: Record<string, unknown>) {
  const { inputs: news, failures } = await standIn.check(URN, {}, inputs);
  expect(failures).toEqual([]);
  return news;
}
const command = (inputs: Record<string, unknown>) =>
  checked({ connection: secretly(host.connection), ...inputs });

beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host?.stop());

describe("the stand-in for the command plugin, on a real SSH server", () => {
  it("creates: runs the command with stdin, keeps the inputs as they came, logs each line", async () => {
    lines = [];
    const news = await command({ create: "cat; echo there >&2", stdin: "here\n" });
    const { id, outs } = await standIn.create(URN, news);
    expect(id).toMatch(/^stop[0-9a-f]{8}$/);
    expect(outs).toEqual({ ...news, stdout: "here", stderr: "there" });
    expect(outs.connection).toHaveProperty([SIGNATURE_KEY]);
    expect(lines.sort()).toEqual(["here", "there"]);
  });

  it("logs only what it was asked to", async () => {
    lines = [];
    await standIn.create(URN, await command({ create: "echo here; echo there >&2", logging: "none" }));
    expect(lines).toEqual([]);
  });

  it("updates by `update`, or by `create` again when there is none, and offers the outputs before", async () => {
    const file = join(host.directory, "updates");
    const before = { ...(await command({})), stdout: "old", stderr: "" };
    const both = await command({ create: `echo create >> ${file}`, update: `echo update >> ${file}` });
    await standIn.update("id", URN, before, both);
    await standIn.update("id", URN, before, await command({ create: `echo create >> ${file}` }));
    expect(await readFile(file, "utf8")).toBe("update\ncreate\n");
    expect((await standIn.update("id", URN, before, await command({}))).outs).toMatchObject({
      stdout: "old",
    });
  });

  it("fails with the command, its code and all it printed", async () => {
    const news = await command({ create: "echo out; echo err >&2; exit 7" });
    const error: Error = await standIn.create(URN, news).catch((reason) => reason);
    expect(error.message).toContain(
      'Process exited with status 7: running "echo out; echo err >&2; exit 7":',
    );
    expect(error.message).toMatch(/out\n/);
    expect(error.message).toMatch(/err\n/);
  });

  it("refuses a host with another key, and says how often it tried", async () => {
    status = [];
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const connection = { ...host.connection, hostKey: other, dialErrorLimit: 1 };
    const file = join(host.directory, "never");
    const news = await command({ connection: secretly(connection), create: `touch ${file}` });
    await expect(standIn.create(URN, news)).rejects.toThrow(/after 2 failed attempts.*Host denied/);
    expect(status).toEqual(["Dial 1/1 failed: retrying"]);
    expect(existsSync(file)).toBe(false);
  });

  it("goes through a bastion", async () => {
    const connection = { ...host.connection, proxy: host.connection };
    const news = await command({ connection, create: "echo $SSH_CONNECTION" });
    expect((await standIn.create(URN, news)).outs.stdout).toContain(`127.0.0.1 ${host.connection.port}`);
  });

  it("gives up on a port where nothing listens", async () => {
    const connection = { ...host.connection, port: await freePort(), dialErrorLimit: 0 };
    const news = await command({ connection, create: "true" });
    await expect(standIn.create(URN, news)).rejects.toThrow(/after 1 failed attempts.*ECONNREFUSED/);
  });

  it("deletes by the command of the state, and does nothing without one", async () => {
    const file = join(host.directory, "gone");
    await writeFile(file, "");
    await standIn.delete("id", URN, await command({}));
    expect(existsSync(file)).toBe(true);
    await standIn.delete("id", URN, await command({ delete: `rm ${file}` }));
    expect(existsSync(file)).toBe(false);
  });
});

describe("the stand-in's diff", () => {
  const connection = { host: "10.0.0.11", privateKey: "old" };
  const base = { connection, create: "true", triggers: ["first"] };
  const diff = async (before: Record<string, unknown>, after: Record<string, unknown>) => {
    const outs = { ...(await checked(before)), stdout: "", stderr: "" };
    const { changes, replaces } = await standIn.diff("id", URN, outs, await checked(after));
    return { changes, replaces };
  };

  it("sees no change in the same, wrapped or not", async () => {
    expect(await diff(base, { ...base, connection: secretly(connection) })).toEqual({
      changes: false,
      replaces: [],
    });
  });

  it.each([
    ["connection", { connection: { ...connection, privateKey: "new" } }],
    ["create", { create: "false" }],
    ["update", { update: "true" }],
    ["stdin", { stdin: "x" }],
    ["environment", { environment: { A: "b" } }],
  ])("updates for another %s", async (_name, change) => {
    expect(await diff(base, { ...base, ...change })).toEqual({ changes: true, replaces: [] });
  });

  it("replaces for other triggers, known or not", async () => {
    const replaced = { changes: true, replaces: ["triggers"] };
    expect(await diff(base, { ...base, triggers: ["second"] })).toEqual(replaced);
    expect(await diff(base, { ...base, triggers: [UNKNOWN] })).toEqual(replaced);
  });
});

describe("the stand-in's check", () => {
  it("fills in the defaults of the official plugin inside the secret", async () => {
    const news = await checked({
      connection: secretly({ host: "10.0.0.11", proxy: { host: "10.0.0.1", port: 2222 } }),
    });
    const defaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
    const proxy = { ...defaults, host: "10.0.0.1", port: 2222 };
    expect(news.connection).toEqual(secretly({ ...defaults, host: "10.0.0.11", proxy }));
  });

  it("has no other type", async () => {
    const urn = URN.replace("remote:Command", "local:Command");
    const { failures } = await standIn.check(urn, {}, {});
    expect(failures?.[0]?.reason).toContain("only command:remote:Command");
  });
});
