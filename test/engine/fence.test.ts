import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { endAll, processesOfHome } from "../../sandbox/processes";
import { startHost, stopHost } from "../../sandbox/sshHosts";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { type Ran, rigForThisFile } from "./support/recoveryRig";
import { managerSettings } from "./support/refusalRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1, gateways: 0 });

const lost = () => rig.sandbox.manager("manager_0");
const script = () => join(lost().home, "bin", "leo_manager");

const fence = () => {
  const { home, connection } = managerSettings(rig.sandbox, "manager_0");
  return { home, connection };
};
const settings = () => ({
  incident: "crashed",
  takeover: {
    lost: lost().node,
    survivor: managerSettings(rig.sandbox, "manager_1"),
    replacement: managerSettings(rig.sandbox, "manager_2"),
    fence: fence(),
  },
});

/** All that the lost manager's control script is, and what lies beside it. */
async function scriptFacts() {
  const { ino, mode, uid, gid, mtimeMs } = await lstat(script());
  const names = (await readdir(join(lost().home, "bin"))).sort();
  return { ino, mode, uid, gid, mtimeMs, names, text: await readFile(script(), "utf8") };
}
type ScriptFacts = Awaited<ReturnType<typeof scriptFacts>>;

/** What a person sees who starts the lost manager by hand, on its host. */
const startByHand = () => rig.sandbox.run("manager_0", `'${script()}' start`);

/** The manager's VM is killed on its host, which stays up; a spare is there; the survivor's next start fails. */
async function crashed(): Promise<ScriptFacts> {
  await endAll(() => processesOfHome(lost().home));
  await rig.sandbox.spare({ role: "master" });
  await makeStubborn(rig.sandbox, "manager_1");
  await rig.configure(settings());
  return scriptFacts();
}

async function expectFenced(): Promise<void> {
  const { code, stdout, stderr } = await startByHand();
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^manager_0@\S+ is fenced by leofs-recovery for production-crashed, since 20/);
  expect(stderr).toContain(`  mv -f ${script()}.fenced-by-production-crashed ${script()}\n`);
  expect(await rig.sandbox.isRunning("manager_0")).toBe(false);
}

describe("a lost manager whose host is up", () => {
  let before: ScriptFacts;
  let ran: Ran;

  it("is refused as lost while its VM is there, frozen", async () => {
    const sandbox = await rig.begin();
    await sandbox.spare({ role: "master" });
    await rig.configure(settings());
    const found = (await processesOfHome(lost().home)).filter(({ program }) => /^(heart|beam)/.test(program));
    for (const { pid } of found) process.kill(pid, "SIGSTOP");
    before = await scriptFacts();
    const wanted = /manager_0@\S+ is called lost, but it runs \(process \d+\), whether it answers or not/;
    expect((await rig.preview()).plan.join(" ").replaceAll(/ +/g, " ")).toMatch(wanted);
    expect((await rig.up()).error).toMatch(wanted);
    // The other nodes' logs may say by now that one of them is silent; nothing else may be there that was not before.
    expect(await scriptFacts()).toEqual(before);
    for (const name of ["manager_1", "manager_2"])
      expect(await readdir(sandbox.manager(name).backups)).toEqual([]);
  });

  it("has a line in the plan, and nothing is changed yet", async () => {
    await rig.begin();
    before = await crashed();
    const plan = (await rig.preview()).plan.join(" ").replaceAll(/ +/g, " ");
    expect(plan).toContain(`fence ${lost().node} on `);
    expect(plan).toContain("until the recovery is proven");
    expect(plan).not.toMatch(/REFUSED|NOT REACHED/);
    expect(await scriptFacts()).toEqual(before);
  });

  it("cannot be started by hand once a recovery was begun and failed, state or not", async () => {
    expect((await rig.up()).error).toContain("did not start");
    await expectFenced();
    await rig.forgetStack();
    await rig.configure(settings());
    await expectFenced();
  });

  it("stays fenced, as debt, when its host is away at the proof", async () => {
    await stopHost({ directory: rig.sandbox.directory, name: "manager_0" });
    ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered with debt");
    expect(ran.outcome.debt).toEqual([expect.stringContaining(`${lost().node} is still fenced on `)]);
    expect(ran.outcome.nextSteps.join("\n")).toContain(`mv -f ${script()}.fenced-by-production-crashed`);
    expect((await scriptFacts()).text).not.toBe(before.text);
  });

  it("has its script back, byte for byte, with mode and owner, by the next up", async () => {
    const { directory, tools } = rig.sandbox;
    const { address, sshPort } = lost();
    await startHost(tools, { directory, name: "manager_0", address, port: sshPort });
    ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect(ran.outcome.evidence).toContainEqual(
      expect.stringMatching(/^the fence of manager_0@\S+ on \S+ is lifted: /),
    );
    expect(ran.outcome.nextSteps).toContainEqual(
      expect.stringContaining(`${lost().node} has old data: never start it as it is`),
    );
    expect(await scriptFacts()).toEqual(before);
  });

  it("is left alone by every further up, in a new checkout too", async () => {
    expect((await rig.up()).changes).toEqual({ same: 15 });
    await rig.forgetStack();
    await rig.configure(settings());
    const adopted = await rig.up();
    expect(adopted.error).toBeUndefined();
    expect(adopted.outcome.verdict).toBe("recovered");
    expect(await scriptFacts()).toEqual(before);
  });
});

describe("a recovery with a fence that is rolled back", () => {
  it("lifts it, from the journal alone", async () => {
    await rig.begin();
    const before = await crashed();
    expect((await rig.up()).error).toContain("did not start");
    await expectFenced();
    await rig.forgetStack();
    await rig.configure({ ...settings(), rollback: true });
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("rolled back");
    expect(ran.outcome.evidence).toContainEqual(expect.stringContaining("is lifted"));
    expect(await scriptFacts()).toEqual(before);
  });
});

describe("a lost manager whose host is gone as well", () => {
  it("is a hazard in plan and evidence, and no failure", async () => {
    const sandbox = await rig.begin();
    const gone = fence();
    await sandbox.lose("master");
    await sandbox.spare();
    const { takeover, ...rest } = takeoverSettings(sandbox.description, "gone") as { takeover: object };
    await rig.configure({ ...rest, takeover: { ...takeover, fence: gone } });
    const plan = (await rig.preview()).plan.join(" ").replaceAll(/ +/g, " ");
    expect(plan).toMatch(
      /hazard: manager_0@\S+ cannot be fenced \(NOT REACHED: \S+: .*\): make sure that it stays off/,
    );
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect(ran.outcome.evidence).toContainEqual(expect.stringMatching(/^manager_0@\S+ was not fenced \(/));
  });
});
