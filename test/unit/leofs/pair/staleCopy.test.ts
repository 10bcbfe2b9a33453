import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { preparePlace } from "../../../../leofs/incident/backups/backupPlace";
import { clearMnesia } from "../../../../leofs/incident/backups/clearDirectory";
import { backUpFiles } from "../../../../leofs/incident/backups/fileBackup";
import { parseDump } from "../../../../leofs/mnesia/heldDump";
import { clearOutdatedCopy, rowsOnlyIn } from "../../../../leofs/pair/staleCopy";
import { cleanUp, type FakeHome, fakeHome, incidentAt, managerAt } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

cleanUp();

const HEADER = "{tables,[{leo_s3_users,[{record_name,user},{attributes,[id,password,updated_at]}]}]}.\n";
const user = (index: number, at: number) =>
  `{leo_s3_users,<<"user-${String(index).padStart(4, "0")}">>,<<"${at}">>,${at}}.\n`;
const dump = (rows: string[]) => parseDump(Buffer.from(HEADER + rows.join(""), "latin1"));
const many = Array.from({ length: 1001 }, (_, index) => index);

test("a row that only a copy has newer is found behind a thousand that it has older", async () => {
  const donors = dump(many.map((index) => user(index, 100)));
  const older = dump(many.map((index) => user(index, 99)));
  const newer = dump(many.map((index) => user(index, index === 1000 ? 101 : 99)));
  expect(await rowsOnlyIn(older, donors)).toEqual([]);
  expect(await rowsOnlyIn(newer, donors)).toEqual(["1 rows of leo_s3_users that are not named"]);
});

/** Gives a home a runtime that does this in the place of loading files. */
async function withRuntime({ manager }: FakeHome, does: string): Promise<void> {
  const [bin, boot] = [join(manager.home, "erts-11.1.8", "bin"), join(manager.home, "releases", "1")];
  await Promise.all([mkdir(bin, { recursive: true }), mkdir(boot)]);
  await writeFile(join(boot, "start_clean.boot"), "");
  await writeFile(join(bin, "erlexec"), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
}

const LOADS = `printf '%s\\n' '${HEADER.trim()}' '${user(1, 100).trim()}' > dump.txt`;
const FAILS = "echo 'problem: it is damaged'; exit 1";

test.each([
  ["the copy", FAILS, LOADS],
  ["the donor's backup", LOADS, FAILS],
])(
  "where %s cannot be loaded, the copy is what may be moved away, and never the donor's backup",
  async (_, ofDamaged, ofDonor) => {
    const host = new LocalHost();
    const homes = [await fakeHome("manager_0"), await fakeHome("manager_1")] as const;
    await withRuntime(homes[0], ofDamaged);
    await withRuntime(homes[1], ofDonor);
    await writeFile(join(homes[1].mnesia, "LATEST.LOG"), "newer rows");
    const [damaged, donor] = [await managerAt(host, homes[0]), await managerAt(host, homes[1])];
    for (const [manager, { backups }] of [[damaged, homes[0]] as const, [donor, homes[1]] as const])
      await preparePlace(manager.place, backups);
    const incident = await incidentAt(damaged, donor);
    await clearMnesia(damaged, incident, await backUpFiles(damaged, incident));
    const { path, manifest } = await backUpFiles(donor, incident);
    await writeFile(join(homes[0].mnesia, "LATEST.LOG"), "written to the copy");
    const beside = await readdir(dirname(homes[0].mnesia));
    const cleared = clearOutdatedCopy(damaged, { donor, path: path!, manifest: manifest! }, incident);
    const said = String(await cleared.catch((error: Error) => error.message));
    expect(said).toMatch(/: manager_0@\S+ was started by hand .* could not be loaded: it is damaged\. /);
    expect(said).toContain(`may go, move ${homes[0].mnesia} on ${host.label} away and`);
    expect(said.match(/move \S+/g)).toHaveLength(1);
    expect(await readdir(dirname(homes[0].mnesia))).toEqual(beside);
  },
);
