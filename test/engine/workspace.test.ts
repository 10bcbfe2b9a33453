import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { remote } from "@pulumi/command";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandPlugin } from "../../tools/commandPlugin";
import { type Engine, ensureEngine } from "../../tools/engine";
import { packageRoot } from "../../tools/paths";
import { type ConfigValue, secret } from "../../tools/stackConfig";
import { openStack } from "../../tools/workspace";

let engine: Engine;
let directory: string;
let plugin: CommandPlugin;

/** Looks like an official plugin in a Pulumi home. */
async function pluginInHome(): Promise<CommandPlugin> {
  const home = join(directory, "resource-command-v1.2.1");
  await mkdir(home);
  const executable = "pulumi-resource-command";
  await symlink(join(packageRoot(), "tools", "standIn", executable), join(home, executable));
  return { how: "installed", directory: home, onPath: false };
}

beforeAll(async () => {
  engine = await ensureEngine(console.log);
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-workspace-"));
  plugin = await pluginInHome();
});
afterAll(async () => {
  if (directory) await rm(directory, { recursive: true, force: true });
});

describe("openStack", () => {
  it("gives configuration to a compiled entry as it is, nested and secret, and loads the entry again each time", async () => {
    const entry = join(directory, "entry.js");
    const sdk = createRequire(__filename).resolve("@pulumi/pulumi");
    await writeFile(
      entry,
      `const pulumi = require(${JSON.stringify(sdk)});
       exports.clusters = new pulumi.Config().requireSecretObject("clusters");
       exports.plain = new pulumi.Config("other").require("plain");`,
    );
    const settings = (incident: ConfigValue): Record<string, ConfigValue> => ({
      clusters: {
        "eu.west": {
          incident,
          keys: [
            { name: "yes", key: secret("-----BEGIN\nKEY") },
            { name: "0o17", key: secret("05236") },
          ],
          port: 22,
          checked: false,
          empty: [],
        },
      },
      "other:plain": "1_000",
    });
    const opened = await openStack({ name: "dev", entry, config: settings("1e3"), engine, plugin });
    try {
      const clusters = (incident: string) => ({
        "eu.west": {
          incident,
          keys: [
            { name: "yes", key: "-----BEGIN\nKEY" },
            { name: "0o17", key: "05236" },
          ],
          port: 22,
          checked: false,
          empty: [],
        },
      });
      const first = await opened.stack.up();
      expect(first.outputs.clusters).toEqual({ value: clusters("1e3"), secret: true });
      expect(first.outputs.plain?.value).toBe("1_000");
      await opened.configure(settings("second"));
      expect((await opened.stack.up()).outputs.clusters?.value).toEqual(clusters("second"));
      const file = await readFile(join(opened.directory, "Pulumi.dev.yaml"), "utf8");
      expect(file).not.toContain("BEGIN");
      expect(JSON.stringify(await opened.exportState())).not.toContain("BEGIN");
    } finally {
      await opened.remove();
    }
    expect(existsSync(opened.directory)).toBe(false);
  });

  it("opens again what it made, with the same passphrase, and uses a plugin that is in a Pulumi home", async () => {
    const home = join(directory, "again");
    const program = async () => {
      const told = new remote.Command("told", { connection: { host: "127.0.0.1" }, update: "true" });
      return { stdout: told.stdout };
    };
    const config = { clusters: {}, token: secret("x") };
    const options = { name: "dev", directory: home, program, config, engine, plugin };
    const first = await openStack(options);
    expect((await first.stack.up()).summary.resourceChanges).toEqual({ create: 2 });
    const second = await openStack(options);
    expect((await second.stack.up()).summary.resourceChanges).toEqual({ same: 2 });
    await second.stack.destroy();
    await second.remove();
  });

  it("refuses a directory that holds something else", async () => {
    const full = join(directory, "full");
    await mkdir(full);
    await writeFile(join(full, "diary"), "");
    const opening = openStack({ name: "dev", directory: full, program: async () => {}, engine, plugin });
    await expect(opening).rejects.toThrow("neither empty nor a stack made by this tool");
    expect(existsSync(join(full, "diary"))).toBe(true);
  });
});
