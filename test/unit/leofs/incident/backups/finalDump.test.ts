import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { preparePlace } from "../../../../../leofs/incident/backups/backupPlace";
import { backUpFiles } from "../../../../../leofs/incident/backups/fileBackup";
import { finalDump } from "../../../../../leofs/incident/backups/finalDump";
import { entries } from "../../../../../leofs/incident/entries";
import { proveLoadable } from "../../../../../providers/backup/loadable";
import type { MnesiaBackupInputs } from "../../../../../providers/backup/mnesiaBackupTypes";
import type { Run } from "../../../../../providers/contract/handler";
import type { Host } from "../../../../../remote/host";
import { cleanUp, fakeHome, incidentAt, managerAt, temporary } from "../../../support/fakeHome";
import { LocalHost } from "../../../support/localHost";

cleanUp();

/** A home on this host whose files are backed up, by default without an Erlang. */
async function backedUp(on: Host, erl?: string) {
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
  return { home, manager: again, backup, incident: await incidentAt(again) };
}

/** The final dump of such a home; and what is left of the attempt. */
async function attempt(on: Host, erl?: string) {
  const { home, manager, backup, incident } = await backedUp(on, erl);
  const result = await finalDump(manager, backup, incident).catch((error: Error) => error);
  return { result, left: (await readdir(home.incident)).filter((name) => /final/.test(name)) };
}

test.each([
  ["of which Mnesia says why it cannot load them", "echo 'problem: {bad,file}'; exit 1", "unloadable"],
  ["on a host without an Erlang", undefined, "not loaded"],
  ["of which a VM that did not start says nothing", "echo 'no such boot file'; exit 1", "not loaded"],
])("files %s are said to be so, and nothing is left of the attempt", async (_what, erl, failure) => {
  const { result, left } = await attempt(new LocalHost(), erl);
  expect(result).toMatchObject({ problem: expect.any(String), failure });
  expect(left).toEqual([]);
});

test.each([
  ["unloadable", "echo 'problem: {bad,file}'; exit 1", /^the backup could not be loaded .*\{bad,file\}/],
  [
    "not loaded",
    "echo 'no such boot file'; exit 1",
    /whether the backup .* can be loaded is not known: .*no such boot file/,
  ],
])(
  "the directory is cleared on an older dump only where Mnesia itself could not load the backup: %s",
  async (_what, erl, said) => {
    const { manager, backup, incident } = await backedUp(new LocalHost(), erl);
    await entries.dump.finish(incident.on(manager), { path: "/dump" });
    const inputs = { clear: true, prove: true } as MnesiaBackupInputs;
    const progress = { step: () => {}, note: () => {}, warn: async () => {} };
    const run = { progress, touching: () => {} } as unknown as Run;
    const proven = await proveLoadable(manager, incident, backup, inputs, run).then(
      ({ evidence }) => evidence[0],
      (error: Error) => error.message,
    );
    expect(proven).toMatch(said);
  },
);

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
