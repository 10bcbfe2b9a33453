import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { type Incident, readIncident } from "../../../leofs/incident/readIncident";
import { managerOn } from "../../../leofs/manager/hostManager";
import type { Manager, Stopped } from "../../../leofs/manager/manager";
import { downWhenLookedAt } from "../../../leofs/manager/proven";
import type { ManagerSpec } from "../../../leofs/names";
import type { Host } from "../../../remote/host";

const made: string[] = [];

/** Removes what `temporary` made after each test of the file. */
export function cleanUp(): void {
  afterEach(async () => {
    for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true });
  });
}

/** A directory that is removed after the test. */
export async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-unit-"));
  made.push(directory);
  return directory;
}

export const CONF = `## the manager's conf
nodename = manager_0@10.0.0.11
distributed_cookie = 401321b4
manager.partner = manager_1@10.0.0.12
mnesia.dir = ./work/mnesia/10.0.0.11
`;

/** A manager's home on this machine, with the user of the tests as the one LeoFS runs as. */
export interface FakeHome {
  /** Directories that hold all of it. */
  roots: [string];
  manager: ManagerSpec;
  conf: string;
  mnesia: string;
  backups: string;
  incident: string;
}

/** Makes a home with a conf and a few files in its Mnesia directory. */
export async function fakeHome(name = "manager_0", conf: string | Buffer = CONF): Promise<FakeHome> {
  const root = await temporary();
  const home = join(root, `leo_${name}`);
  const mnesia = join(home, "work/mnesia/10.0.0.11");
  for (const part of ["bin", "etc", "work/mnesia/10.0.0.11", "releases"])
    await mkdir(join(home, part), { recursive: true });
  await mkdir(join(root, "backups"));
  await writeFile(join(home, "etc/leo_manager.conf"), conf);
  await writeFile(join(home, "releases/start_erl.data"), "11.1.8 1");
  await mkdir(join(home, "lib/leo_manager-1.4.4"), { recursive: true });
  await writeFile(join(mnesia, "schema.DAT"), Buffer.from([1, 2, 3, 0, 255, 10]));
  await writeFile(join(mnesia, "leo_s3_users.DCD"), "cXM users");
  await writeFile(join(mnesia, "with blank'$(x)"), "odd");
  await chmod(join(mnesia, "schema.DAT"), 0o640);
  const manager = { node: `${name}@10.0.0.11`, home, runAs: userInfo().username };
  return {
    roots: [root],
    manager,
    conf: join(home, "etc/leo_manager.conf"),
    mnesia,
    backups: join(root, "backups"),
    incident: join(root, "backups/production-one"),
  };
}

/** The manager of such a home, which never runs. */
export async function managerAt(host: Host, home: FakeHome): Promise<Stopped> {
  const down = downWhenLookedAt(await managerOn(host, home.manager, home.incident));
  if (!down) throw new Error(`${home.manager.node} runs`);
  return down;
}

/** The incident of `fakeHome`'s directories as a new run finds it. */
export const incidentAt = (...managers: Manager[]): Promise<Incident> => readIncident("one", managers);

/** Every regular file below a directory: path, octal mode, SHA-256. */
export async function contents(directory: string): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const hash = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    const mode = ((await stat(path)).mode & 0o777).toString(8);
    result[path.slice(directory.length + 1)] = `${mode} ${hash}`;
  }
  return result;
}
