import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { automation } from "@pulumi/pulumi";
import { utils } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../tools/paths";
import type { ConfigValue } from "../../tools/stackConfig";
import { StackEvents } from "../../tools/stackEvents";
import { openStack, type ThrowAwayStack } from "../../tools/workspace";
import { KEY_TEXT, mapStrings, recorded, STACK, versions } from "../upgrade/written";

/*
 * The states that this and earlier versions wrote (recorded by test/upgrade/record.ts), and the program of today: the real
 * engine finds nothing to change. The hosts of the recordings are gone, as in an upgrade during an outage.
 */
const KINDS = ["takeover", "in-place"];
const CASES = versions().flatMap((version) => KINDS.map((kind) => ({ version, kind })));

/** The settings are refused where a key file does not hold a key. */
const KEY = utils.generateKeyPairSync("ecdsa", { bits: 256 }).private;
const SERVICE_STEP = /-(stop|start)-/;

type Clusters = Record<string, { incident: string }>;

describe.each(CASES)("the state of a $kind that version $version wrote", ({ version, kind }) => {
  let home: string;
  let stack: ThrowAwayStack;
  const clusters = () => recorded<Clusters>(`${version}/${kind}/clusters.json`, home);
  const state = async () => {
    const read = recorded<automation.Deployment>(`${version}/${kind}/state.json`, home);
    const withKey = mapStrings(read, (text) => text.replaceAll(KEY_TEXT, KEY));
    const { deployment, ...rest } = withKey as automation.Deployment;
    // The passphrase of the recorded stack is gone; its secrets are in the clear, and this stack has its own.
    const { encryptionSalt: salt } = await stack.stack.workspace.stackSettings(STACK);
    return {
      ...rest,
      deployment: { ...deployment, secrets_providers: { type: "passphrase", state: { salt } } },
    };
  };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "leofs-recovery-upgrade-"));
    const key = join(home, "keys", "id_ed25519");
    await mkdir(dirname(key));
    await writeFile(key, KEY);
    const entry = join(packageRoot(), "dist", "index.js");
    const config = { clusters: clusters() as unknown as ConfigValue };
    stack = await openStack({ name: STACK, entry, config });
  });
  afterAll(async () => {
    await stack?.remove();
    await rm(home, { recursive: true, force: true });
  });

  /** What a preview would do to each resource but the stack. */
  async function preview(): Promise<Record<string, string>> {
    const events = new StackEvents();
    await stack.stack.preview({ onEvent: events.onEvent });
    const operations = Object.entries(events.operations());
    return Object.fromEntries(operations.filter(([name]) => name.startsWith("production-")));
  }

  it("is the same to the program of today", async () => {
    await stack.stack.importStack(await state());
    const operations = await preview();
    expect(Object.keys(operations).length).toBeGreaterThan(8);
    // A service step whose script is another today is updated, which runs nothing (see below).
    const scripts = Object.keys(operations).filter((name) => operations[name] === "update");
    expect(scripts.filter((name) => !SERVICE_STEP.test(name))).toEqual([]);
    for (const name of scripts) delete operations[name];
    expect(new Set(Object.values(operations))).toEqual(new Set(["same"]));
  });

  it("whose scripts are others is updated by a command that does nothing, and never replaced", async () => {
    const changed = (text: string) => text.replace("umask 022", "umask 022 # as an earlier version had it");
    await stack.stack.importStack(mapStrings(await state(), changed) as automation.Deployment);
    const operations = await preview();
    const commands = Object.entries(operations).filter(([name]) => SERVICE_STEP.test(name));
    expect(commands.length).toBeGreaterThan(3);
    for (const [name, operation] of Object.entries(operations))
      expect([name, operation]).toEqual([name, SERVICE_STEP.test(name) ? "update" : "same"]);
    const { deployment } = await state();
    const resources = deployment.resources as { type: string; inputs?: { update?: string } }[];
    const updates = resources
      .filter(({ type }) => type === "command:remote:Command")
      .map(({ inputs }) => inputs?.update);
    expect(new Set(updates)).toEqual(new Set([":"]));
  });

  it("is done again for a new incident, so that this test sees a change where there is one", async () => {
    await stack.stack.importStack(await state());
    const { production } = clusters();
    await stack.configure({
      clusters: { production: { ...production, incident: "another" } } as unknown as ConfigValue,
    });
    expect(new Set(Object.values(await preview()))).toEqual(new Set(["replace"]));
  });
});
