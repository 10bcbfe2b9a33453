import { execFileSync } from "node:child_process";
import { chmod, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { preparePlace } from "../../../../../leofs/incident/backups/backupPlace";
import { clearMnesia } from "../../../../../leofs/incident/backups/clearDirectory";
import { backUpFiles, type FileBackup } from "../../../../../leofs/incident/backups/fileBackup";
import { type CopyTree, restoreFiles } from "../../../../../leofs/incident/backups/restoreFiles";
import { readJournal } from "../../../../../leofs/incident/journal";
import type { Host } from "../../../../../remote/host";
import { BREAKS, BREAKS_LIMIT, breakEverywhere } from "../../../support/crashing";
import { cleanUp, contents, type FakeHome, fakeHome, incidentAt, managerAt } from "../../../support/fakeHome";
import { LocalHost } from "../../../support/localHost";

const host = new LocalHost();
cleanUp();

/** A copy between two directories of this machine. */
const copy: CopyTree = async (from, to) => {
  execFileSync("mkdir", ["-p", dirname(to.directory)]);
  execFileSync("cp", ["-R", from.directory, to.directory]);
};

const placeOf = (home: FakeHome) => ({ host, directory: home.incident, as: undefined });

interface World {
  roots: string[];
  damaged: FakeHome;
  donor: FakeHome;
  backup: FileBackup;
}

/** A damaged manager whose files were backed up and moved aside, and a donor whose files were backed up. */
async function world(): Promise<World> {
  const [damaged, donor] = [await fakeHome("manager_0"), await fakeHome("manager_1")];
  await writeFile(join(donor.mnesia, "LATEST.LOG"), "newer rows");
  await chmod(donor.mnesia, 0o750);
  const backups: FileBackup[] = [];
  for (const home of [damaged, donor]) {
    const manager = await managerAt(host, home);
    await preparePlace(manager.place, home.backups);
    backups.push(await backUpFiles(manager, await incidentAt(manager)));
  }
  const manager = await managerAt(host, damaged);
  await clearMnesia(manager, await incidentAt(manager), backups[0]!);
  return { roots: [...damaged.roots, ...donor.roots], damaged, donor, backup: backups[1]! };
}

async function restore({ damaged, donor, backup }: World, on: Host = host, by: CopyTree = copy) {
  const [manager, giver] = await Promise.all([managerAt(on, damaged), managerAt(on, donor)]);
  return restoreFiles(
    manager,
    giver,
    await incidentAt(manager, giver),
    { path: backup.path!, manifest: backup.manifest! },
    by,
  );
}

describe("putting the donor's files in place", () => {
  test("byte for byte, with their modes, and both journals say so", async () => {
    const it = await world();
    const evidence = await restore(it);
    expect(await contents(it.damaged.mnesia)).toEqual(await contents(it.donor.mnesia));
    expect((await lstat(it.damaged.mnesia)).mode & 0o777).toBe(0o750);
    expect(evidence[0]).toContain(`the donor's 4 files`);
    const { done } = await readJournal(placeOf(it.donor));
    expect(done.get(`given.${it.damaged.manager.node}`)).toMatchObject({ path: it.backup.path });
    expect(await readdir(dirname(it.damaged.mnesia))).toEqual(["10.0.0.11", "10.0.0.11.one"]);
  });

  test("once: what LeoFS wrote there since stays", async () => {
    const it = await world();
    await restore(it);
    await writeFile(join(it.damaged.mnesia, "LATEST.LOG"), "written since");
    const before = await contents(it.damaged.mnesia);
    expect((await restore(it))[0]).toMatch(/^adopted: /);
    expect(await contents(it.damaged.mnesia)).toEqual(before);
  });

  test("what an earlier copy left half-way beside it goes, since nobody else would take it away", async () => {
    const it = await world();
    const killed = `${it.damaged.mnesia}.leofs-recovery-incoming.0123456789abcdef.partial`;
    await mkdir(killed);
    await writeFile(join(killed, "schema.DAT"), "half");
    await restore(it);
    expect((await readdir(dirname(it.damaged.mnesia))).sort()).toEqual(["10.0.0.11", "10.0.0.11.one"]);
  });

  test("never over files that are there", async () => {
    const it = await world();
    await writeFile(join(it.damaged.mnesia, "schema.DAT"), "somebody's");
    await expect(restore(it)).rejects.toThrow(/is not empty: somebody put files there/);
    expect(await readdir(it.damaged.mnesia)).toEqual(["schema.DAT"]);
  });

  test("never through a symbolic link", async () => {
    const it = await world();
    await rename(it.damaged.mnesia, `${it.damaged.mnesia}-real`);
    await symlink(`${it.damaged.mnesia}-real`, it.damaged.mnesia);
    await expect(restore(it)).rejects.toThrow(/is a symbolic link, which is not followed/);
    expect(await readdir(`${it.damaged.mnesia}-real`)).toEqual([]);
  });

  test.each<[string, (directory: string) => Promise<unknown>, RegExp]>([
    ["cut short", (to) => writeFile(join(to, "schema.DAT"), "x"), /schema\.DAT differs/],
    ["short of a file", (to) => rm(join(to, "LATEST.LOG")), /LATEST\.LOG is missing/],
    ["mixed up", (to) => writeFile(join(to, "stray"), "x"), /stray is there and should not be/],
  ])("not when what arrived is %s; the next run does it right", async (_, spoil, text) => {
    const it = await world();
    const spoilt: CopyTree = async (from, to) => {
      await copy(from, to);
      await spoil(to.directory);
    };
    await expect(restore(it, host, spoilt)).rejects.toThrow(text);
    expect(await readdir(it.damaged.mnesia)).toEqual([]);
    await restore(it);
    expect(await contents(it.damaged.mnesia)).toEqual(await contents(it.donor.mnesia));
  });

  test.each(BREAKS)(
    "interrupted %s, at every place: it ends the same, and nothing is lost",
    async (how) => {
      const places = await breakEverywhere(
        how,
        await world(),
        (on, it) => restore(it, on),
        async ({ damaged, donor, backup }) => {
          const whole = await contents(donor.mnesia);
          const here = await contents(damaged.mnesia).catch(() => ({}));
          expect([{}, whole]).toContainEqual(here);
          expect(Object.keys(await contents(`${damaged.mnesia}.one`))).toHaveLength(3);
          expect(Object.keys(await contents(`${backup.path}/mnesia`))).toHaveLength(4);
        },
        async ({ damaged, donor }) => {
          expect(await contents(damaged.mnesia)).toEqual(await contents(donor.mnesia));
          expect((await lstat(damaged.mnesia)).mode & 0o777).toBe(0o750);
          expect((await readdir(dirname(damaged.mnesia))).sort()).toEqual(["10.0.0.11", "10.0.0.11.one"]);
          const { done } = await readJournal(placeOf(donor));
          expect(done.has(`given.${damaged.manager.node}`)).toBe(true);
        },
      );
      expect(places).toBeGreaterThanOrEqual(5);
    },
    BREAKS_LIMIT,
  );
});
