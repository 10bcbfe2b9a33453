import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecoveryOutcome } from "../../recovery";
import { Sandbox } from "../../sandbox";
import { Clone } from "./support/clone";

const PASSWORD = "canary-5ecret-in-a-nested-setting";

let directory: string;
let sandbox: Sandbox;
let clone: Clone;
/** How many resources the preview announced. */
let announced: string | undefined;

const file = () => ["--config-file", join(directory, "Pulumi.sandbox.yaml")];
const options = () => ["--stack", "sandbox", ...file()];
const nothingToDo = ["--yes", "--skip-preview", "--expect-no-changes"];

/** The program, and whether it was to change nothing, of the runs since the last call. */
const programsRun = () =>
  clone.host.commands.splice(0).map((command) => [command.at(-1), command.includes("--dry-run")]);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-official-"));
  clone = await Clone.make();
  sandbox = await Sandbox.up({ directory, fast: true, storages: 1, gateways: 1 });
  await sandbox.lose("master");
  await sandbox.spare();
  await clone.must("stack", "init", "sandbox");
  const survivor = `clusters.${sandbox.description.cluster}.takeover.survivor`;
  await clone.must(
    "config",
    "set",
    "--path",
    "--secret",
    `${survivor}.connection.password`,
    PASSWORD,
    ...file(),
  );
});
afterAll(async () => {
  await clone?.remove();
  if (!directory) return;
  await Sandbox.down(directory);
  await rm(directory, { recursive: true, force: true });
});

describe("the clone as an ordinary Pulumi project: the CLI, cmd/run, ts-node, a stack file", () => {
  it("previews: index.ts runs from TypeScript, providers come from the clone, the plan is on the screen", async () => {
    const { code, text, seconds } = await clone.pulumi("preview", "--diff", ...options());
    console.log(`pulumi preview: ${seconds.toFixed(1)} s`);
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(programsRun()).toEqual([["index.ts", true]]);
    // Nothing else than the clone itself has that name, and its working directory is where the providers look.
    expect(existsSync(join(clone.directory, "node_modules", "leofs-recovery"))).toBe(false);
    announced = /^Resources:\n +\+ (\d+) to create\n/m.exec(text)?.[1];
    expect(Number(announced)).toBeGreaterThan(10);
    expect(text).toContain(`2. dump the survivor ${sandbox.manager("manager_1").node}`);
    expect(text).toMatch(/connection +: \[secret\]/);
    expect(clone.host.printed).toBe("");
    expect(await sandbox.isRunning("manager_2")).toBe(false);
  });

  it("recovers: the outcome is an output of the stack", async () => {
    await clone.must("up", "--yes", "--skip-preview", ...options());
    expect(programsRun()).toEqual([["index.ts", false]]);
    const outputs = JSON.parse(await clone.must("stack", "output", "--json", "--stack", "sandbox"));
    const outcome: RecoveryOutcome = outputs.outcome[sandbox.description.cluster];
    expect(outcome).toMatchObject({ verdict: "recovered", debt: [] });
    for (const name of ["manager_1", "manager_2"]) expect(await sandbox.tablesOnDisc(name)).toBe(22);
    const pair = ["manager_2", "manager_1"].map((name) => sandbox.manager(name).node);
    for (const node of Object.keys(sandbox.description.nodes))
      expect(await sandbox.managersFollowed(node)).toEqual(pair);
  });

  it("has nothing to do in a second up", async () => {
    expect(await clone.must("up", ...nothingToDo, ...options())).toContain(
      `Resources:\n    ${announced} unchanged\n`,
    );
  });

  it("refreshes, and finds everything as it was left", async () => {
    expect(await clone.must("refresh", ...nothingToDo, ...options())).toContain(
      `Resources:\n    ${announced} unchanged\n`,
    );
  });

  it("names what is wrong in a stack file, without a stack trace", async () => {
    await clone.must("stack", "init", "wrong");
    await clone.must("config", "set", "--path", "clusters.production.incident", "one", "--stack", "wrong");
    const { code, text } = await clone.pulumi("preview", "--stack", "wrong");
    expect(code).not.toBe(0);
    expect(text).toContain(
      "error: the settings cannot be used:\n      - clusters.production needs one of takeover",
    );
    expect(text).not.toMatch(/^ +at |Unhandled|unhandled/m);
  });

  it("says what to do when the providers are not built", async () => {
    await rename(join(clone.directory, "dist"), join(clone.directory, "elsewhere"));
    const { code, text } = await clone.pulumi("preview", ...options());
    await rename(join(clone.directory, "elsewhere"), join(clone.directory, "dist"));
    expect(code).not.toBe(0);
    expect(text).toContain(`error: the providers are not built: run \`npm ci\` in ${clone.directory}`);
  });

  it("shows and keeps no nested secret in the clear", async () => {
    expect(await clone.must("config", "--stack", "sandbox", ...file())).toContain("clusters");
    expect(clone.said).not.toContain(PASSWORD);
    const state = await clone.state();
    expect(state).toContain("leofs:recovery:Takeover");
    expect(state).not.toContain(PASSWORD);
  });
});
