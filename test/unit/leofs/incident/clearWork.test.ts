import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clearWork } from "../../../../leofs/incident/clearWork";
import { cleanUp, temporary } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

cleanUp();

const KEPT = ["dump-manager_0@10.0.0.11-001", "files-manager_0@10.0.0.11-001", "journal"];

async function incident(): Promise<string> {
  const directory = join(await temporary(), "production lost $(x)");
  for (const name of [...KEPT, ".final-manager_0@10.0.0.11-001.partial"])
    await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, ".final-manager_0@10.0.0.11-001.partial", "dump.txt"), "rows");
  for (const name of ["dump.done", ".dump.done.Xy12ab"])
    await writeFile(join(directory, "journal", name), "{}");
  for (const name of [".proof-manager_0@10.0.0.11.txt", ".load-manager_0@10.0.0.11.txt"])
    await writeFile(join(directory, name), "rows");
  return directory;
}

test("what an ended run left to work with is removed, and no backup is", async () => {
  const directory = await incident();
  const place = { host: new LocalHost(), directory, as: undefined };
  expect(await clearWork([place])).toEqual([]);
  expect((await readdir(directory)).sort()).toEqual(KEPT);
  expect(await readdir(join(directory, "journal"))).toEqual(["dump.done"]);
  expect(await clearWork([place])).toEqual([]);
});

test("what cannot be removed is told", async () => {
  const directory = await incident();
  const bin = join(await temporary(), "bin");
  await mkdir(bin);
  await writeFile(join(bin, "rm"), "#!/bin/sh\necho 'Operation not permitted' >&2\nexit 1\n");
  await chmod(join(bin, "rm"), 0o755);
  const host = new LocalHost("sh", { PATH: `${bin}:${process.env.PATH}` });
  const left = await clearWork([{ host, directory, as: undefined }]);
  expect(left).toHaveLength(3);
  expect(left[0]).toContain(`${directory}/.proof-manager_0@10.0.0.11.txt`);
});

test("a directory that may not be entered is told", async () => {
  const directory = join(await temporary(), "gone");
  const left = await clearWork([{ host: new LocalHost(), directory, as: undefined }]);
  expect(left).toEqual([expect.stringContaining(`remove ${directory}/.proof-*.txt`)]);
});
