import { chmod, lstat, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { examine } from "../../../../../leofs/checks/check";
import { secondCopyChecks } from "../../../../../leofs/checks/secondCopyChecks";
import {
  preparePlace,
  publishedBackups,
  readBack,
  verifyBackup,
} from "../../../../../leofs/incident/backups/backupPlace";
import { backUpFiles } from "../../../../../leofs/incident/backups/fileBackup";
import { copyBackups, prepareSecondPlace } from "../../../../../leofs/incident/backups/secondCopy";
import { readJournal } from "../../../../../leofs/incident/journal";
import { lookAtPlace } from "../../../../../leofs/manager/place";
import { copyTree } from "../../../../../providers/session/copyTree";
import type { Host } from "../../../../../remote/host";
import { BREAKS, BREAKS_LIMIT, breakEverywhere } from "../../../support/crashing";
import { cleanUp, contents, type FakeHome, fakeHome, incidentAt, managerAt } from "../../../support/fakeHome";
import { LocalHost } from "../../../support/localHost";

const host = new LocalHost();
cleanUp();

/** Another machine, as far as the product can tell: it shares the files, and the fate, of `on`. */
const otherThan = (on: Host): Host => ({
  label: "other",
  clock: on.clock,
  run: on.run.bind(on),
  spawn: on.spawn.bind(on),
  converse: on.converse.bind(on),
  dial: on.dial.bind(on),
});

const topOf = (home: FakeHome) => join(home.roots[0], "copies");
const secondOf = (home: FakeHome, on: Host = host) => ({
  host: otherThan(on),
  directory: join(topOf(home), "production-one"),
  as: undefined,
});

async function copyAll(home: FakeHome, on: Host = host, wanted: string[] = []) {
  const { place } = await managerAt(on, home);
  await prepareSecondPlace(place, secondOf(home, on), topOf(home));
  return copyBackups(await readJournal(place), secondOf(home, on), wanted, copyTree);
}

/** `full`: files of several sizes, in directories; else one, for tests that copy often. */
async function homeWithBackup(full = true) {
  const home = await fakeHome();
  if (full) {
    await mkdir(join(home.mnesia, "extra"));
    await writeFile(join(home.mnesia, "extra", "deep"), Buffer.alloc(300_000, 7));
  } else for (const name of ["leo_s3_users.DCD", "with blank'$(x)"]) await rm(join(home.mnesia, name));
  const manager = await managerAt(host, home);
  await preparePlace(manager.place, home.backups);
  const { path } = await backUpFiles(manager, await incidentAt(manager));
  const target = join(secondOf(home).directory, `files-${home.manager.node}-001`);
  return { home, manager, path: path!, target };
}

describe("a second copy", () => {
  test("is the backup byte for byte, for its owner only, verified, and noted where the backup is", async () => {
    const { home, manager, path, target } = await homeWithBackup();
    expect(await copyAll(home)).toEqual([{ host: "other", path: target }]);
    expect(await contents(target)).toEqual(await contents(path));
    expect(await readBack(secondOf(home), target)).toEqual(await readBack(manager.place, path));
    for (const one of [join(secondOf(home).directory), target, join(target, "mnesia/extra")])
      expect((await lstat(one)).mode & 0o777).toBe(0o700);
    const modes = Object.values(await contents(target)).map((text) => text.split(" ")[0]);
    expect(new Set(modes)).toEqual(new Set(["600"]));
    const { done } = await readJournal(manager.place);
    expect(done.get(`copied.files-${home.manager.node}-001`)).toMatchObject({ host: "other", path: target });
  });

  test("is made once where two managers share the backup directory and see to it side by side", async () => {
    const { home, path, target } = await homeWithBackup();
    const copy = { host: "other", path: target };
    expect(await Promise.all([copyAll(home), copyAll(home)])).toEqual([[copy], [copy]]);
    expect(await contents(target)).toEqual(await contents(path));
  });

  test("is made once; it is looked at again when that is asked, and when it goes to another place", async () => {
    const { home, manager, path, target } = await homeWithBackup();
    await copyAll(home);
    const before = (await lstat(join(target, "manifest.json"))).ino;
    expect(await copyAll(home)).toEqual([]);
    expect(await copyAll(home, host, [path])).toEqual([{ host: "other", path: target }]);
    expect((await lstat(join(target, "manifest.json"))).ino).toBe(before);
    await mkdir(join(home.roots[0], "elsewhere"));
    const elsewhere = { ...secondOf(home), directory: join(home.roots[0], "elsewhere") };
    const journal = await readJournal(manager.place);
    expect(await copyBackups(journal, elsewhere, [], copyTree)).toHaveLength(1);
  });

  test("that was made and not noted is found, verified and adopted", async () => {
    const { home, target } = await homeWithBackup();
    await copyAll(home);
    const before = (await lstat(join(target, "manifest.json"))).ino;
    await rm(join(home.incident, "journal", `copied.files-${home.manager.node}-001.done`));
    expect(await copyAll(home)).toEqual([{ host: "other", path: target }]);
    expect((await lstat(join(target, "manifest.json"))).ino).toBe(before);
  });

  test("every backup of the incident gets one, also one that no run has noted", async () => {
    const { home, manager } = await homeWithBackup();
    await rm(join(home.incident, "journal"), { recursive: true });
    await backUpFiles(manager, await incidentAt(manager));
    await copyAll(home);
    expect(await publishedBackups(secondOf(home))).toEqual(
      [1, 2].map((n) => `files-${home.manager.node}-00${n}`),
    );
  });

  test.each<[string, (target: string) => Promise<unknown>, RegExp]>([
    ["something else", (target) => mkdir(target), /holds no manifest\.json/],
    ["a symbolic link", (target) => symlink("/tmp", target), /is a symbolic link, which is not followed/],
    [
      "a copy that was changed",
      async (target) => writeFile(join(target, "mnesia/schema.DAT"), "other"),
      /is not what was written: mnesia\/schema\.DAT differs/,
    ],
    [
      "another backup",
      async (target) => writeFile(join(target, "manifest.json"), '{"schemaVersion":1,"files":[]}'),
      /is there and should not be/,
    ],
  ])("is never put over %s", async (what, put, reason) => {
    const { home, path, target } = await homeWithBackup();
    if (what.startsWith("a copy") || what.startsWith("another")) await copyAll(home);
    else await mkdir(secondOf(home).directory, { recursive: true });
    await put(target);
    const before = await contents(topOf(home));
    const refused = copyAll(home, host, [path]);
    await expect(refused).rejects.toThrow(/is there already and is no copy of .*Nothing is overwritten/s);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toThrow(/take copyTo out of the settings/);
    expect(await contents(topOf(home))).toEqual(before);
  });

  test("of a backup that is damaged is not made", async () => {
    const { home, path } = await homeWithBackup();
    await writeFile(join(path, "mnesia/schema.DAT"), "other");
    await expect(copyAll(home)).rejects.toThrow(/files-\S+ is not what was written/);
    expect(await publishedBackups(secondOf(home))).toEqual([]);
  });

  test("is named when the backup is damaged or lost afterwards", async () => {
    const { home, manager, path, target } = await homeWithBackup();
    await copyAll(home);
    await rm(join(path, "mnesia/schema.DAT"));
    const journal = await readJournal(manager.place);
    const lost = verifyBackup(journal, path);
    await expect(lost).rejects.toThrow(/schema\.DAT is missing\. A second copy of it, verified at/);
    await expect(lost).rejects.toThrow(`is ${target} on other: `);
    await rm(path, { recursive: true });
    await expect(verifyBackup(journal, path)).rejects.toThrow(/is gone.* A second copy/s);
  });

  test("is not the backup itself under another name of its host", async () => {
    const { home, manager } = await homeWithBackup();
    const second = { ...manager.place, host: otherThan(host) };
    const refused = prepareSecondPlace(manager.place, second, home.backups);
    await expect(refused).rejects.toThrow(/is the directory of the backups themselves/);
    expect(await readdir(home.incident)).not.toContainEqual(expect.stringMatching(/^\.second/));
  });

  test.each(BREAKS)(
    "interrupted %s, at every place: never half a copy under its name, and it ends the same",
    async (how) => {
      const { home, path, target } = await homeWithBackup(false);
      const original = await contents(path);
      const places = await breakEverywhere(
        how,
        home,
        (on) => copyAll(home, on),
        async () => {
          expect(await contents(path)).toEqual(original);
          const found = await contents(target).catch(() => undefined);
          if (found) expect(found).toEqual(original);
        },
        async () => {
          expect(await contents(target)).toEqual(original);
          const left = (await readdir(secondOf(home).directory)).filter((name) => !name.startsWith(".probe"));
          expect(left).toEqual([`files-${home.manager.node}-001`]);
          const { done } = await readJournal((await managerAt(host, home)).place);
          expect(done.get(`copied.files-${home.manager.node}-001`)).toMatchObject({ path: target });
        },
      );
      expect(places).toBeGreaterThanOrEqual(15);
    },
    BREAKS_LIMIT,
  );
});

describe("the directory for second copies, looked at before the first change", () => {
  const findings = async (directory: string, wantedKiB = 1) =>
    examine(secondCopyChecks, {
      label: "other",
      place: await lookAtPlace(host, directory, undefined),
      wantedKiB,
    }).map(({ level, text }) => `${level}: ${text}`);

  test("may be there or not", async () => {
    const home = await fakeHome();
    expect(await findings(topOf(home))).toEqual([]);
    await mkdir(topOf(home));
    expect(await findings(topOf(home))).toEqual([]);
  });

  test("is refused as a link, as a file, and without the space, each with the way out", async () => {
    const home = await fakeHome();
    await symlink("/tmp", topOf(home));
    expect(await findings(topOf(home))).toEqual([
      expect.stringMatching(/^refuse: other: .*symbolic link.*take copyTo out/),
    ]);
    await rm(topOf(home));
    await writeFile(topOf(home), "");
    await chmod(topOf(home), 0o600);
    expect(await findings(topOf(home))).toEqual([
      expect.stringMatching(/cannot be written .*take copyTo out/),
    ]);
    expect(await findings(home.roots[0], 1e15)).toEqual([
      expect.stringMatching(/KiB free, 1000000000000000 KiB are needed.*take copyTo out/),
    ]);
  });
});
