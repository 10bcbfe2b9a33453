import { appendFile, cp, mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mnesiaBackup, mnesiaImport, recoveryCheck } from "../../providers/entry";
import { readClusters } from "../../recovery/settings/clusters";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { filesBelow, publishedBelow } from "./support/backups";
import { rowsOf } from "./support/clusterFacts";
import { endedTakeover } from "./support/endedTakeover";
import { startTestHost, type TestHost } from "./support/host";
import { changesSince, pictureAtRest } from "./support/picture";
import { rigForThisFile } from "./support/recoveryRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1, gateways: 0 });
let vault: TestHost;
beforeAll(async () => {
  vault = await startTestHost();
});
afterAll(() => vault?.stop());

const copies = () => join(vault.directory, "copies");
const copyTo = (more: object = {}) => {
  const { privateKey: _, ...connection } = vault.connection;
  const privateKeyFile = join(vault.directory, "keys", "id_ed25519");
  return { directory: copies(), connection: { ...connection, privateKeyFile, dialErrorLimit: 1, ...more } };
};

/** SHA-256 of every file of every published backup in a directory, by name. */
async function held(incident: string): Promise<Record<string, Record<string, string>>> {
  const backups = await Promise.all(
    Object.keys(await publishedBelow(incident)).map(async (path) => {
      const files = Object.entries(await filesBelow(path)).map(([name, { sha256 }]) => [name, sha256]);
      return [basename(path), Object.fromEntries(files)] as const;
    }),
  );
  return Object.fromEntries(backups);
}

describe("a takeover whose backups get second copies", () => {
  const settings = () => takeoverSettings(rig.sandbox.description, "lost");
  const survivor = () => rig.sandbox.manager("manager_1");
  const incident = () => join(survivor().backups, "production-lost");
  const second = () => join(copies(), "production-lost");

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
  });

  it("is refused before any change while the host for them cannot be reached", async () => {
    await rig.configure({ ...settings(), copyTo: copyTo({ port: 1 }) });
    const before = await pictureAtRest(rig.sandbox);
    const plan = (await rig.preview()).plan.join("\n");
    expect(plan).toMatch(/NOT REACHED: the host for second copies: /);
    expect(plan).toMatch(/WOULD BE REFUSED: the host for second copies \(copyTo\) cannot be used/);
    const { error } = await rig.up();
    expect(error).toMatch(/is refused, nothing was changed on any host:/);
    expect(error).toMatch(
      /copyTo\) cannot be used: \S+@127\.0\.0\.1:1: .* or take copyTo out of the settings/,
    );
    expect(await changesSince(rig.sandbox, before)).toEqual([]);
  });

  it("is refused before any change when their directory is a symbolic link", async () => {
    await symlink("/tmp", copies());
    await rig.configure({ ...settings(), copyTo: copyTo() });
    const before = await pictureAtRest(rig.sandbox);
    expect((await rig.preview()).plan.join(" ")).toMatch(
      /WOULD BE REFUSED: .*second copies .* symbolic link/,
    );
    expect((await rig.up()).error).toMatch(/second copies \S+ is a symbolic link, which is not followed/);
    expect(await changesSince(rig.sandbox, before)).toEqual([]);
    await rm(copies());
  });

  it("has a line for each in the plan", async () => {
    const plan = (await rig.preview()).plan.join(" ").replaceAll(/ +/g, " ");
    const lines = plan.split(`and a second copy in ${second()} on `);
    expect(lines.length - 1).toBe(2);
  });

  it("makes them before anything is touched; a damaged backup is refused with its copy's place", async () => {
    await makeStubborn(rig.sandbox, "manager_1");
    const failed = await rig.up();
    expect(failed.error).toContain("did not start");
    expect(Object.keys(await held(second())).map((name) => name.split("-")[0])).toEqual([
      "dump",
      "files",
      "final",
    ]);
    expect(await held(second())).toEqual(await held(incident()));
    const [final] = Object.keys(await held(incident())).filter((name) => name.startsWith("final"));
    await appendFile(join(incident(), final!, "dump.txt"), "% not of the backup\n");
    const { error } = await rig.up();
    expect(error).toMatch(/is not what was written: dump\.txt differs/);
    expect(error).toContain(`is ${join(second(), final!)} on `);
  });

  it("goes on once the copy was put in the backup's place, and says where the copies are", async () => {
    const rows = await rowsOf(rig.sandbox, "manager_2").catch(() => ({}));
    expect(Object.values(rows).flat().join()).not.toContain("user1");
    const [final] = Object.keys(await held(second())).filter((name) => name.startsWith("final"));
    await rename(join(incident(), final!), join(incident(), ".damaged"));
    await cp(join(second(), final!), join(incident(), final!), { recursive: true });
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    const { dump, survivorFiles, replacementFiles } = ran.outcome.backups;
    const said = (name: string) =>
      expect.stringMatching(
        `^${join(second(), name)}\\S+ on \\S+, every file read back there with the SHA-256`,
      );
    expect(dump?.secondCopies).toEqual([said("dump-")]);
    expect(survivorFiles?.secondCopies).toEqual([said("files-"), said("final-")]);
    expect(replacementFiles).not.toHaveProperty("secondCopies");
    expect(JSON.stringify(ran.outcome)).not.toContain("PRIVATE KEY");
  });

  it("adopts them when the state is lost", async () => {
    const before = await filesBelow(copies());
    await rig.forgetStack();
    await rig.configure({ ...settings(), copyTo: copyTo() });
    const adopted = await rig.up();
    expect(adopted.error).toBeUndefined();
    expect(adopted.outcome.backups.dump?.secondCopies).toHaveLength(1);
    expect(await filesBelow(copies())).toEqual(before);
  });
});

describe("a takeover that gets copyTo half-way", () => {
  it("makes the second copies of what is backed up already, says so, and touches nothing more once it is over", async () => {
    const sandbox = await rig.begin();
    await rm(copies(), { recursive: true, force: true });
    const settings = await endedTakeover(rig);
    await rig.configure({ ...settings, copyTo: copyTo() });
    const { plan, messages } = await rig.preview();
    const said = [...plan, ...messages.map(({ message }) => message)].join(" ").replaceAll(/\s+/g, " ");
    expect(said).toMatch(/dump-\S+ has no second copy in \S+ on \S+ yet: .* pulumi up makes it/);
    const ran = await rig.up();
    expect([ran.error, ran.outcome?.verdict]).toEqual([undefined, "recovered"]);
    const incident = join(sandbox.manager("manager_1").backups, "production-lost");
    expect(Object.keys(await held(incident))).toHaveLength(3);
    expect(await held(join(copies(), "production-lost"))).toEqual(await held(incident));
    expect(ran.operations).toMatchObject({ "production-dump": "update" });
    expect((await rig.up()).changes).toEqual({ same: 15 });
    await rig.configure({ ...settings, copyTo: { ...copyTo(), directory: `${copies()}-elsewhere` } });
    expect((await rig.up()).changes).toEqual({ same: 15 });
  });
});

describe("a donor that was started by hand after its backup", () => {
  it("is backed up again before its files go anywhere, and that backup has its copy too", async () => {
    const sandbox = await rig.begin();
    await sandbox.damage("slave");
    const settings = { ...inPlaceSettings(sandbox.description, "damaged", "slave"), copyTo: copyTo() };
    const [cluster] = readClusters({ production: settings });
    const { managers } = cluster!.inPlace!;
    const common = { cluster: "production", incident: "damaged", copyTo: cluster!.copyTo };
    const [damaged, donor] = managers;
    const make = async (inputs: object) =>
      (await mnesiaBackup.create({ ...common, ...inputs })).outs as { path: string };
    const recovery = { kind: "inPlace", donor: 1 };
    await recoveryCheck.create({ ...common, recovery, managers, accept: [] });
    await make({ kind: "dump", manager: donor });
    await sandbox.stopManager("manager_0");
    const mnesia = join(damaged.home, "work", "mnesia", "127.0.0.1");
    const [files, obstacle] = [
      await filesBelow(mnesia),
      join(copies(), "production-damaged", `files-${damaged.node}-001`),
    ];
    await mkdir(obstacle);
    await expect(make({ kind: "files", clear: true, manager: damaged })).rejects.toThrow(
      /is there already and is no copy of/,
    );
    // Without its second copy nothing is cleared.
    expect(await filesBelow(mnesia)).toEqual(files);
    await rm(obstacle, { recursive: true });
    await make({ kind: "files", clear: true, manager: damaged });
    const { path } = await make({ kind: "files", manager: donor });
    await sandbox.startManager("manager_0");
    await expect.poll(() => sandbox.serves("manager_0"), { timeout: 20_000 }).toBe(true);
    await sandbox.writeData({ users: 1 }, { prefix: "by-hand-", through: "manager_0" });
    await mnesiaImport.create({ ...common, kind: "files", from: donor, to: damaged, path });
    await make({ kind: "rows", manager: donor });
    const incident = join(sandbox.manager("manager_0").backups, "production-damaged");
    const names = (await readdir(incident)).filter((name) => /^(files|final)-/.test(name));
    expect(names.map((name) => name.replace(/-.*-/, " "))).toEqual(["files 001", "files 002", "final 001"]);
    expect(await held(join(copies(), "production-damaged"))).toMatchObject(await held(incident));
  });
});
