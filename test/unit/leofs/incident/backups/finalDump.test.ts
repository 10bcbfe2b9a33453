import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { preparePlace } from "../../../../../leofs/incident/backups/backupPlace";
import { backUpFiles } from "../../../../../leofs/incident/backups/fileBackup";
import { finalDump } from "../../../../../leofs/incident/backups/finalDump";
import type { Host } from "../../../../../remote/host";
import { cleanUp, fakeHome, incidentAt, managerAt, temporary } from "../../../support/fakeHome";
import { LocalHost } from "../../../support/localHost";

cleanUp();

/** The final dump of a home on this host, by default without an Erlang; and what is left of the attempt. */
async function attempt(on: Host, erl?: string) {
  const home = await fakeHome();
  if (erl) {
    const bin = join(home.manager.home, "erts-11.1.8", "bin");
    const boot = join(home.manager.home, "releases", "1");
    await Promise.all([mkdir(bin, { recursive: true }), mkdir(boot)]);
    await writeFile(join(boot, "start_clean.boot"), "");
    await writeFile(join(bin, "erlexec"), `#!/bin/sh\n${erl}\n`, { mode: 0o755 });
  }
  const manager = await managerAt(new LocalHost(), home);
  await preparePlace(manager.place, home.backups);
  const backup = await backUpFiles(manager, await incidentAt(manager));
  const again = await managerAt(on, home);
  const result = await finalDump(again, backup, await incidentAt(again)).catch((error: Error) => error);
  return { result, left: (await readdir(home.incident)).filter((name) => /final/.test(name)) };
}

test("files that this host's Erlang cannot load are said to be so, and nothing is left of the attempt", async () => {
  const { result, left } = await attempt(new LocalHost());
  expect(result).toHaveProperty("problem");
  expect(left).toEqual([]);
});

test("a full disc is not reported as files that cannot be loaded: the step fails, and is made again", async () => {
  const bin = join(await temporary(), "bin");
  await mkdir(bin);
  await writeFile(join(bin, "dd"), "#!/bin/sh\necho 'No space left on device' >&2\nexit 1\n", {
    mode: 0o755,
  });
  const { result, left } = await attempt(new LocalHost("sh", { PATH: `${bin}:${process.env.PATH}` }));
  expect(String(result)).toContain("there is no room to load a copy of the Mnesia files");
  expect(String(result)).toContain("No space left on device");
  expect(String(result)).toContain("Free space beside the backups");
  expect(left).toEqual([]);
});

test.each([
  ["killed", "kill -9 $$", "Killed"],
  ["ended in an orderly way, as by SIGTERM", "echo half > dump.txt.partial", "it was told to stop"],
  ["longer than its limit", "echo 'not loaded within 120 s'; exit 75", "not loaded within 120 s"],
])("an Erlang that was %s is not reported as files that cannot be loaded", async (_how, erl, problem) => {
  const { result, left } = await attempt(new LocalHost(), erl);
  expect(String(result)).toContain(`was ended before it was done (${problem})`);
  expect(left).toEqual([]);
});

test.each([
  ["sort", /could not be read to its end/],
  ["sha256sum", /could not be digested/],
])(
  "a dump whose rows could not be read, since %s failed, is not reported as files that cannot be loaded",
  async (name, problem) => {
    const bin = join(await temporary(), "bin");
    await mkdir(bin);
    await writeFile(join(bin, name), "#!/bin/sh\ncat > /dev/null\nexit 2\n", { mode: 0o755 });
    const erl = `printf '%s\\n' '{tables,[{t,[{attributes,[k,v]}]}]}.' '{t,1,2}.' > dump.txt`;
    const { result, left } = await attempt(new LocalHost("sh", { PATH: `${bin}:${process.env.PATH}` }), erl);
    expect(String(result)).toContain("The files may be good");
    expect(String(result)).toMatch(problem);
    expect(left).toEqual([]);
  },
);
