import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  preparePlace,
  publishedBackups,
  verifyBackup,
} from "../../../../../leofs/incident/backups/backupPlace";
import { clearMnesia } from "../../../../../leofs/incident/backups/clearDirectory";
import { backUpFiles } from "../../../../../leofs/incident/backups/fileBackup";
import { Journal, readJournal } from "../../../../../leofs/incident/journal";
import type { Host } from "../../../../../remote/host";
import { BREAKS, BREAKS_LIMIT, breakEverywhere } from "../../../support/crashing";
import { cleanUp, contents, type FakeHome, fakeHome, incidentAt, managerAt } from "../../../support/fakeHome";
import { LocalHost } from "../../../support/localHost";
import { canSquash, STRANGER, squashedHost } from "../../../support/squashed";

const host = new LocalHost();
cleanUp();

async function backUp(home: FakeHome, on: Host = host) {
  const manager = await managerAt(on, home);
  await preparePlace(manager.place, home.backups);
  return backUpFiles(manager, await incidentAt(manager));
}
async function backUpAndClear(home: FakeHome, on: Host = host) {
  const backup = await backUp(home, on);
  const manager = await managerAt(on, home);
  return { ...backup, aside: await clearMnesia(manager, await incidentAt(manager), backup) };
}
const hashes = async (directory: string) =>
  Object.fromEntries(
    Object.entries(await contents(directory)).map(([name, text]) => [name, text.split(" ")[1]]),
  );
const placeOf = (home: FakeHome) => ({ host, directory: home.incident, as: undefined });
const journalOf = (home: FakeHome) => readJournal(placeOf(home));
const asideOf = (home: FakeHome) => `${home.mnesia}.one`;

describe("backing up Mnesia files", () => {
  test("copies every byte under a new name, with a manifest that can be verified", async () => {
    const home = await fakeHome();
    await mkdir(join(home.mnesia, "extra"));
    await writeFile(join(home.mnesia, "extra", "deep"), Buffer.from([0, 255, 10]));
    const before = await contents(home.mnesia);
    const { path, manifest } = await backUp(home);
    expect(path).toBe(join(home.incident, `files-${home.manager.node}-001`));
    expect(await hashes(join(path!, "mnesia"))).toEqual(await hashes(home.mnesia));
    expect(await contents(home.mnesia)).toEqual(before);
    expect(manifest).toMatchObject({
      schemaVersion: 1,
      kind: "files",
      node: home.manager.node,
      role: "master",
      version: "1.4.4",
      incident: "one",
      directory: { path: home.mnesia, mode: "755" },
    });
    expect(manifest?.files.find(({ name }) => name === "mnesia/schema.DAT")).toMatchObject({
      bytes: 6,
      mode: "640",
    });
    expect(await verifyBackup(await journalOf(home), path!)).toEqual(manifest);
    const modes = Object.values(await contents(home.incident)).map((text) => text.split(" ")[0]);
    expect(new Set(modes)).toEqual(new Set(["600"]));
    expect((await lstat(home.incident)).mode & 0o777).toBe(0o700);
  });

  test.skipIf(!canSquash)("where a copy cannot keep owners and ACLs, as on NFS or SMB", async () => {
    const home = await fakeHome();
    await chown(join(home.mnesia, "leo_s3_users.DCD"), STRANGER, STRANGER);
    const on = squashedHost(home.roots[0]);
    const { path, manifest } = await backUp(home, on);
    expect(await hashes(join(path!, "mnesia"))).toEqual(await hashes(home.mnesia));
    expect(manifest?.files.find(({ name }) => name === "mnesia/schema.DAT")).toMatchObject({ mode: "640" });
  });

  test("again finds the same backup as long as it stands for what is there", async () => {
    const home = await fakeHome();
    const first = await backUp(home);
    expect(await backUp(home)).toEqual(first);
    await writeFile(join(home.mnesia, "LATEST.LOG"), "newer rows");
    const second = await backUp(home);
    expect(second.path).toBe(join(home.incident, `files-${home.manager.node}-002`));
    expect(await verifyBackup(await journalOf(home), first.path!)).toEqual(first.manifest);
  });

  test("of nothing is nothing: no directory, an empty one", async () => {
    const home = await fakeHome();
    await rm(home.mnesia, { recursive: true });
    expect(await backUp(home)).toEqual({ path: undefined, manifest: undefined });
    await mkdir(home.mnesia);
    expect(await backUp(home)).toEqual({ path: undefined, manifest: undefined });
    expect(await publishedBackups(placeOf(home))).toEqual([]);
  });

  test("follows no symbolic link: not the directory, nothing in it", async () => {
    const home = await fakeHome();
    await symlink("/etc/passwd", join(home.mnesia, "leo_s3_users.DCL"));
    await expect(backUp(home)).rejects.toThrow(/leo_s3_users\.DCL is neither a file nor a directory/);
    await rm(join(home.mnesia, "leo_s3_users.DCL"));
    await rename(home.mnesia, `${home.mnesia}-real`);
    await symlink(`${home.mnesia}-real`, home.mnesia);
    await expect(backUp(home)).rejects.toThrow(/is a symbolic link, which is not followed.*It is untouched/s);
    expect(await publishedBackups(placeOf(home))).toEqual([]);
  });

  test("a backup that was changed since does not pass for one", async () => {
    const home = await fakeHome();
    const { path } = await backUp(home);
    await writeFile(join(path!, "mnesia/schema.DAT"), "other");
    await expect(backUp(home)).rejects.toThrow(/is not what was written: mnesia\/schema\.DAT differs/);
  });
});

describe("clearing a Mnesia directory", () => {
  test("moves it aside whole, once, and leaves an empty one with the same mode", async () => {
    const home = await fakeHome();
    await chmod(home.mnesia, 0o750);
    const before = await contents(home.mnesia);
    const first = await backUpAndClear(home);
    expect(first.aside).toBe(asideOf(home));
    expect(await contents(asideOf(home))).toEqual(before);
    expect(await readdir(home.mnesia)).toEqual([]);
    expect((await lstat(home.mnesia)).mode & 0o777).toBe(0o750);
    await writeFile(join(home.mnesia, "schema.DAT"), "of the new pair");
    expect(await backUpAndClear(home)).toEqual(first);
    expect(await readdir(home.mnesia)).toEqual(["schema.DAT"]);
  });

  test("a clearing that was begun and undone by hand: what is there then is backed up before it is cleared", async () => {
    const home = await fakeHome();
    const backup = await backUp(home);
    await new Journal(placeOf(home)).begin(`clear.${home.manager.node}`, {});
    await writeFile(join(home.mnesia, "schema.DAT"), "written since");
    const again = await backUpAndClear(home);
    expect(again.path).not.toBe(backup.path);
    expect((await hashes(join(again.path!, "mnesia")))["schema.DAT"]).toBe(
      (await hashes(asideOf(home)))["schema.DAT"],
    );
  });

  test("never over what was moved aside before", async () => {
    const home = await fakeHome();
    const backup = await backUp(home);
    await mkdir(asideOf(home));
    await writeFile(join(asideOf(home), "diary"), "x");
    const manager = await managerAt(host, home);
    await expect(clearMnesia(manager, await incidentAt(manager), backup)).rejects.toThrow(
      /exists already, so .* was not moved there/,
    );
    expect(await readdir(asideOf(home))).toEqual(["diary"]);
    expect(await readdir(home.mnesia)).toHaveLength(3);
  });

  test("begun and interrupted before it moved anything: what was written since is backed up, too", async () => {
    const home = await fakeHome();
    const manager = await managerAt(host, home);
    const before = await backUp(home);
    await new Journal(manager.place).begin(`clear.${manager.spec.node}`, { aside: asideOf(home) });
    await writeFile(join(home.mnesia, "schema.DAT"), "after a start by hand");
    const since = await backUp(home);
    expect(since.path).not.toBe(before.path);
    expect(await backUpAndClear(home)).toEqual({ ...since, aside: asideOf(home) });
    expect(await readFile(join(asideOf(home), "schema.DAT"), "utf8")).toBe("after a start by hand");
  });

  test("begun and interrupted after it moved everything: what came since stays where it is", async () => {
    const home = await fakeHome();
    const manager = await managerAt(host, home);
    const before = await backUp(home);
    await new Journal(manager.place).begin(`clear.${manager.spec.node}`, { aside: asideOf(home) });
    await rename(home.mnesia, asideOf(home));
    await mkdir(home.mnesia);
    await writeFile(join(home.mnesia, "schema.DAT"), "of the new pair");
    expect(await backUpAndClear(home)).toEqual({ ...before, aside: asideOf(home) });
    expect(await readdir(home.mnesia)).toEqual(["schema.DAT"]);
  });

  test("makes the directory where there was none", async () => {
    const home = await fakeHome();
    await rm(home.mnesia, { recursive: true });
    expect((await backUpAndClear(home)).aside).toBeUndefined();
    expect(await readdir(home.mnesia)).toEqual([]);
  });

  test("a symbolic link is refused", async () => {
    const home = await fakeHome();
    const backup = await backUp(home);
    await rename(home.mnesia, `${home.mnesia}-real`);
    await symlink(`${home.mnesia}-real`, home.mnesia);
    const manager = await managerAt(host, home);
    await expect(clearMnesia(manager, await incidentAt(manager), backup)).rejects.toThrow(/symbolic link/);
    expect(await readdir(`${home.mnesia}-real`)).toHaveLength(3);
  });

  test.each(BREAKS)(
    "interrupted %s, at every place: the files are there or aside, and it ends the same",
    async (how) => {
      const home = await fakeHome();
      await chmod(home.mnesia, 0o750);
      const original = await contents(home.mnesia);
      const places = await breakEverywhere(
        how,
        home,
        (on) => backUpAndClear(home, on),
        async () => {
          const here = await contents(home.mnesia).catch(() => ({}));
          const aside = await contents(asideOf(home)).catch(() => ({}));
          expect([here, aside]).toContainEqual(original);
        },
        async () => {
          expect(await contents(asideOf(home))).toEqual(original);
          expect(await readdir(home.mnesia)).toEqual([]);
          expect((await lstat(home.mnesia)).mode & 0o777).toBe(0o750);
          const journal = await journalOf(home);
          for (const name of await publishedBackups(journal.place))
            await verifyBackup(journal, join(home.incident, name));
          const { done } = journal;
          expect(done.get(`clear.${home.manager.node}`)).toMatchObject({ aside: asideOf(home) });
          const path = String(done.get(`files.${home.manager.node}`)?.path);
          expect(await hashes(join(path, "mnesia"))).toEqual(await hashes(asideOf(home)));
          expect((await readdir(home.incident)).filter((name) => name.startsWith(".files"))).toEqual([]);
        },
      );
      expect(places).toBeGreaterThanOrEqual(8);
    },
    BREAKS_LIMIT,
  );
});
