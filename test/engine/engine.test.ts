import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandPlugin, ensureCommandPlugin } from "../../tools/commandPlugin";
import { type Engine, ensureEngine } from "../../tools/engine";
import { secret } from "../../tools/stackConfig";
import { StackEvents } from "../../tools/stackEvents";
import { openStack, type ThrowAwayStack } from "../../tools/workspace";
import { GREETING_PROVIDER, Greeting, writeGreetingPackage } from "./support/greeting";
import type { TestHost } from "./support/host";
import { startSandboxHost } from "./support/sandboxHost";

let engine: Engine;
let plugin: CommandPlugin;
let host: TestHost;
let greeting: string;
let opened: ThrowAwayStack;

const journal = () => join(host.directory, "journal");
const wrote = async () =>
  existsSync(journal()) ? (await readFile(journal(), "utf8")).trim().split("\n") : [];

function program() {
  const config = new pulumi.Config();
  const { incident, people } = config.requireObject<{ incident: string; people: string[] }>("outage");
  const greeted = new Greeting("greeted", { text: people[1] ?? "" });
  const told = new remote.Command("told", {
    connection: { ...host.connection, privateKey: config.requireSecret("privateKey") },
    create: pulumi.interpolate`echo create ${greeted.reply} >> ${journal()}; leofs-adm status; echo aside >&2`,
    update: `echo update >> ${journal()}`,
    delete: `echo delete >> ${journal()}`,
    triggers: [incident],
  });
  return {
    plan: greeted.plan,
    reply: greeted.reply,
    host: greeted.host,
    stdout: told.stdout,
    stderr: told.stderr,
  };
}

const settings = (incident: string, person: string) => ({
  // Declared in Pulumi.yaml, so every stack of the project has to set it.
  clusters: {},
  outage: { incident, people: ["nobody", person] },
  privateKey: secret(host.connection.privateKey),
});

beforeAll(async () => {
  engine = await ensureEngine(console.log);
  plugin = await ensureCommandPlugin(engine, console.log);
  host = await startSandboxHost();
  greeting = await writeGreetingPackage();
  opened = await openStack({
    name: "engine",
    program: async () => program(),
    config: settings("first", "05236"),
    packages: { greeting },
    engine,
    plugin,
  });
});

afterAll(async () => {
  await opened?.remove();
  await host?.stop();
  if (greeting) await rm(greeting, { recursive: true, force: true });
});

describe("a program with a dynamic resource and a remote command, on the real engine and a sandbox host", () => {
  it("shows the plan in preview and does nothing", async () => {
    const events = new StackEvents();
    const { changeSummary } = await opened.stack.preview({ onEvent: events.onEvent });
    expect(changeSummary).toEqual({ create: 3 });
    expect(events.operations()).toMatchObject({ greeted: "create", told: "create" });
    expect(await wrote()).toEqual([]);
  });

  it("creates both, in order, and shows what the dynamic-provider host logs under its resource", async () => {
    const events = new StackEvents();
    const { summary, outputs } = await opened.stack.up({ onEvent: events.onEvent });
    expect(summary.resourceChanges).toEqual({ create: 3 });
    expect(outputs.plan?.value).toEqual(["would say hello 05236"]);
    expect(outputs.stdout?.value).toMatch(/storage_0@.*running/);
    expect(outputs.stderr?.value).toBe("aside");
    expect(outputs.host?.value).toMatchObject({ directory: opened.directory });
    expect(await wrote()).toEqual(["create hello 05236"]);
    const urn = expect.stringMatching(/dynamic\/leofs:Greeting::greeted$/);
    expect(events.messages()).toContainEqual({
      message: "step 1/1: saying hello",
      severity: "info",
      urn,
      ephemeral: true,
    });
    expect(events.messages()).toContainEqual({
      message: "said hello",
      severity: "info",
      urn,
      ephemeral: false,
    });
  });

  it("keeps the provider's constant text in the state, and no key in the clear", async () => {
    const text = JSON.stringify(await opened.exportState());
    expect(text).toContain(JSON.stringify(GREETING_PROVIDER));
    expect(text).not.toContain("BEGIN OPENSSH PRIVATE KEY");
    expect(await readFile(join(opened.directory, "Pulumi.engine.yaml"), "utf8")).not.toContain("PRIVATE KEY");
  });

  it("does nothing the second time", async () => {
    const { summary } = await opened.stack.up();
    expect(summary.resourceChanges).toEqual({ same: 3 });
    expect(await wrote()).toEqual(["create hello 05236"]);
  });

  it("updates what changed", async () => {
    await opened.configure(settings("first", "you"));
    const { summary } = await opened.stack.up();
    expect(summary.resourceChanges).toEqual({ update: 2, same: 1 });
    expect(await wrote()).toEqual(["create hello 05236", "update"]);
  });

  it("replaces the command for a new incident", async () => {
    await opened.configure(settings("second", "you"));
    const events = new StackEvents();
    await opened.stack.up({ onEvent: events.onEvent });
    expect(events.operations()).toMatchObject({ greeted: "same", told: "replace" });
    expect((await wrote()).slice(2)).toEqual(["create hello you", "delete"]);
  });

  it("destroys", async () => {
    const { summary } = await opened.stack.destroy();
    expect(summary.resourceChanges).toEqual({ delete: 3 });
    expect((await wrote()).slice(4)).toEqual(["delete"]);
    expect((await opened.exportState()).deployment.resources ?? []).toEqual([]);
  });
});
