import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecoveryOutcome } from "../../recovery";
import { Sandbox } from "../../sandbox";
import { expectScreen } from "../support/screens";
import { Clone } from "./support/clone";

const PASSWORD = "canary-5ecret-in-a-nested-setting";

let directory: string;
let sandbox: Sandbox;
let clone: Clone;
/** How many resources the preview announced. */
let announced: string | undefined;
/** When the first command was typed. */
let begun: number;

const options = () => ["--stack", "sandbox"];
const nothingToDo = ["--yes", "--skip-preview", "--expect-no-changes"];
const setting = (path: string) => ["config", "set", "--path", `clusters.production.${path}`];
const shown = () => ({ directory, shown: { [clone.directory]: "~/leofs-recovery" } });

/** The program, and whether it was to change nothing, of the runs since the last call. */
const programsRun = () =>
  clone.host.commands.splice(0).map((command) => [command.at(-1), command.includes("--dry-run")]);

/** What a recovery says of itself among the diagnostics. */
const planIn = (text: string): string => {
  const [, plan] = /^ {2}leofs:recovery:\w+ \(\w+\):\n((?: {4}.*\n|\n(?= {4}))+)/m.exec(text) ?? [];
  return (plan ?? "").replaceAll(/^ {4}/gm, "").trimEnd();
};

/** The line of each resource as a terminal shows it at the end of an `up`. */
const lastLines = (text: string): string[] => {
  const made = text.split("\n").flatMap((line) => {
    const [, type, step, said] = /^ \+ +\S*?(\w+) production-(\S+) (created \(\S+\) +\S.*)/.exec(line) ?? [];
    return step && !/warning/.test(line) ? [[step, ` + ${step} (${type}) ${said!.trimEnd()}`] as const] : [];
  });
  return [...new Map(made).values()];
};

/** The desk of somebody who has never seen this: a clone, an ssh_config. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-official-"));
  clone = await Clone.make();
  sandbox = await Sandbox.up({ directory, fast: true, storages: 1, gateways: 1 });
  await sandbox.lose("master");
  await sandbox.spare();
  const { key, user } = sandbox.description;
  const hosts = ["manager_1", "manager_2"].map((name) => {
    const { address, sshPort } = sandbox.manager(name);
    return `Host ${name}\n  HostName ${address}\n  Port ${sshPort}\n`;
  });
  await writeFile(
    join(directory, "ssh_config"),
    `${hosts.join("")}Host *\n  User ${user}\n  IdentityFile ${key}\n  UserKnownHostsFile ${join(directory, "keys/known_hosts")}\n`,
  );
});
afterAll(async () => {
  await clone?.remove();
  if (!directory) return;
  await Sandbox.down(directory);
  await rm(directory, { recursive: true, force: true });
});

describe("the clone as an ordinary Pulumi project: the CLI, cmd/run, ts-node, a stack file", () => {
  it("diagnoses, and writes the stack file: nobody opens one", async () => {
    begun = performance.now();
    const homes = ["manager_1", "manager_2"].flatMap((name) => ["--home", sandbox.manager(name).home]);
    const hosts = ["manager_1", "manager_2", "--ssh-config", join(directory, "ssh_config")];
    const said = await clone.leofsRecovery("diagnose", ...hosts, ...homes, "--write", "sandbox");
    expect(said).toMatchObject({ code: 12, text: expect.stringContaining("pulumi preview") });
    await clone.must("stack", "init", "sandbox");
    // The hosts of the sandbox share a disc, which real ones do not.
    for (const [side, name] of [
      ["survivor", "manager_1"],
      ["replacement", "manager_2"],
    ] as const)
      await clone.must(
        ...setting(`takeover.${side}.backupDirectory`),
        sandbox.manager(name).backups,
        ...options(),
      );
    await clone.must(...setting("takeover.survivor.connection.password"), "--secret", PASSWORD, ...options());
  });

  it("previews: index.ts runs from TypeScript, providers come from the clone, the plan is one screen", async () => {
    const { code, text, seconds } = await clone.pulumi("preview", "--suppress-outputs", ...options());
    console.log(`pulumi preview: ${seconds.toFixed(1)} s`);
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(programsRun()).toEqual([["index.ts", true]]);
    // Nothing else than the clone itself has that name, and its working directory is where the providers look.
    expect(existsSync(join(clone.directory, "node_modules", "leofs-recovery"))).toBe(false);
    announced = /^Resources:\n +\+ (\d+) to create\n/m.exec(text)?.[1];
    expect(Number(announced)).toBeGreaterThan(10);
    const plan = planIn(text);
    expect(plan).toContain(`2. dump the survivor ${sandbox.manager("manager_1").node}`);
    expect(plan.split("\n").length).toBeLessThanOrEqual(50);
    expect(Math.max(...plan.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(76);
    expect(text).not.toMatch(/\[unknown\]|^Outputs:/m);
    expectScreen("plan", plan, shown());
    expect(clone.host.printed).toBe("");
    expect(await sandbox.isRunning("manager_2")).toBe(false);
  });

  it("says first what it would refuse", async () => {
    const lost = setting("takeover.lost");
    await clone.must(...lost, "manager_9@10.0.0.99", ...options());
    const plan = planIn(await clone.must("preview", "--suppress-outputs", ...options()));
    await clone.must(...lost, sandbox.manager("manager_0").node, ...options());
    programsRun();
    expect(plan).toMatch(/^WOULD BE REFUSED: /);
    expectScreen("refusal", plan, shown());
  });

  it("recovers: the outcome is an output of the stack", async () => {
    const { code, text } = await clone.pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--suppress-outputs",
      ...options(),
    );
    expect({ code, text }).toMatchObject({ code: 0 });
    console.log(`from the first command to recovered: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    expectScreen("progress", lastLines(text).join("\n"), { ...shown(), anyOrder: true });
    expect(programsRun()).toEqual([["index.ts", false]]);
    const outputs = JSON.parse(await clone.must("stack", "output", "--json", "--stack", "sandbox"));
    const outcome: RecoveryOutcome = outputs.outcome.production;
    expect(outcome).toMatchObject({ verdict: "recovered", debt: [] });
    expect(outputs.plan).toEqual({ production: "nothing to do" });
    for (const name of ["manager_1", "manager_2"]) expect(await sandbox.tablesOnDisc(name)).toBe(22);
    const pair = ["manager_2", "manager_1"].map((name) => sandbox.manager(name).node);
    for (const node of Object.keys(sandbox.description.nodes))
      expect(await sandbox.managersFollowed(node)).toEqual(pair);
  });

  it("reports what it did, from the stack and the hosts, never over another report", async () => {
    const { code, stdout } = await clone.leofsRecovery("report", ...options(), "--print", "md");
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expectScreen("report", stdout, { ...shown(), anyOrder: true });
    const written = await clone.leofsRecovery("report", ...options(), "--out", join(directory, "report"));
    expect(written).toMatchObject({ code: 0 });
    const [told] = JSON.parse(await readFile(join(directory, "report.json"), "utf8"));
    expect(told).toMatchObject({ cluster: "production", outcome: { verdict: "recovered" }, gaps: [] });
    expect(told.timeline.filter((one: { inOutage: boolean }) => one.inOutage).length).toBeGreaterThan(4);
    expect(await readFile(join(directory, "report.html"), "utf8")).toContain("<svg");
    expect(
      await clone.leofsRecovery("report", ...options(), "--out", join(directory, "report")),
    ).toMatchObject({
      code: 1,
      text: expect.stringContaining("is not written over"),
    });
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
    expect(await clone.must("config", "--stack", "sandbox")).toContain("clusters");
    expect(clone.said).not.toContain(PASSWORD);
    const state = await clone.state();
    expect(state).toContain("leofs:recovery:Takeover");
    expect(state).not.toContain(PASSWORD);
  });
});
