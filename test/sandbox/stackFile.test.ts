import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readClusters } from "../../recovery/settings/clusters";
import { Sandbox } from "../../sandbox";
import { statusText } from "../../sandbox/status";
import { endSandbox, newDirectory } from "./testSandbox";

/** YAML as Pulumi reads it: with the SDK's own reader. */
const { load } = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as {
  load(text: string): { config: Record<string, unknown> };
};

const directory = newDirectory();
const file = join(directory, "Pulumi.sandbox.yaml");
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await Sandbox.up({ directory, fast: true, storages: 1, gateways: 0 });
  await sandbox.snapshot();
});
afterAll(() => endSandbox(directory));

const settings = () => readClusters(load(readFileSync(file, "utf8")).config["leofs-recovery:clusters"]);

it("is there for a lost manager with a spare, and gone when the situation is", async () => {
  expect(existsSync(file)).toBe(false);
  await sandbox.lose("master");
  expect(existsSync(file)).toBe(false);
  const spare = sandbox.manager(await sandbox.spare());
  const [cluster] = settings();
  expect(cluster?.incident).toMatch(/^[\dT-]+-manager_0-lost$/);
  expect(cluster?.takeover).toMatchObject({
    lost: sandbox.manager("manager_0").node,
    survivor: { node: sandbox.manager("manager_1").node },
    replacement: {
      node: spare.node,
      home: spare.home,
      backupDirectory: spare.backups,
      privateKeyFile: sandbox.description.key,
      connection: { host: spare.address, port: 2222, hostKey: spare.hostKey },
    },
  });
  expect(readFileSync(file, "utf8")).not.toContain("PRIVATE KEY");
  expect(statusText(await sandbox.status())).toContain(file);
  await sandbox.restore();
  expect(existsSync(file)).toBe(false);
});

it("is there for a damaged manager", async () => {
  await sandbox.damage("slave");
  const [first] = settings();
  expect(first?.incident).toMatch(/-manager_1-damaged$/);
  expect(first?.inPlace?.managers.map(({ node }) => node)).toEqual([
    sandbox.manager("manager_1").node,
    sandbox.manager("manager_0").node,
  ]);
  expect(first?.inPlace?.donor).toBe(1);
});

it("ends with the sandbox", async () => {
  expect(existsSync(file)).toBe(true);
  await sandbox.down();
  expect(existsSync(file)).toBe(false);
});
