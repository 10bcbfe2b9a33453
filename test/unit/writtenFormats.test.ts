import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publishedBackups, verifyBackup } from "../../leofs/incident/backups/backupPlace";
import { clearedBefore } from "../../leofs/incident/backups/clearDirectory";
import { keptBackup } from "../../leofs/incident/backups/fileBackup";
import { finalDump } from "../../leofs/incident/backups/finalDump";
import { readIncident } from "../../leofs/incident/readIncident";
import { HostManager } from "../../leofs/manager/hostManager";
import type { LookedAt } from "../../leofs/manager/lookedAt";
import type { Manager } from "../../leofs/manager/manager";
import { outageSeconds } from "../../leofs/pair/outage";
import { acquireLock, LockedError, lockedBy } from "../../remote/lock/lock";
import { HOME, VERSIONS, versions } from "../upgrade/written";
import { LocalHost } from "./support/localHost";

/* What this and earlier versions left on the managers' hosts (recorded by test/upgrade/record.ts), read by today's code. */

const host = new LocalHost();
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "leofs-written-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A manager on a host that has what was recorded, its paths moved to where it lies now. */
function managerOf(version: string, kind: string, manager: string, incident: string): Manager {
  const home = join(directory, "hosts", manager);
  mkdirSync(home, { recursive: true });
  execFileSync("tar", ["-xzf", join(VERSIONS, version, kind, `${manager}.tar.gz`), "-C", home]);
  const place = join(home, "backups", `production-${incident}`);
  for (const name of readdirSync(join(place, "journal"))) {
    const file = join(place, "journal", name);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(HOME, directory));
  }
  const [files] = readdirSync(place).filter((name) => /^(files|dump)-/.test(name));
  const node = files!.replace(/^(files|dump)-(.*)-\d+$/, "$2");
  return new HostManager({
    host,
    spec: { node, home },
    as: undefined,
    settings: { mnesiaDirectory: join(home, "mnesia") },
    place: { host, directory: place, as: undefined },
  } as unknown as LookedAt);
}

/** Everything below a directory, so that any change shows. */
const listing = (below: string) => execFileSync("ls", ["-lR", "--full-time", below], { encoding: "utf8" });

describe.each(versions())("what version %s left on the hosts", (version) => {
  test("of a takeover: every backup is sound, every step is adopted and nothing is done again", async () => {
    const manager = managerOf(version, "takeover", "manager_1", "lost");
    const { node } = manager.spec;
    const incident = await readIncident("lost", [manager]);
    const journal = incident.on(manager);
    const { done } = journal;
    const steps = [
      "guard",
      "dump",
      `stop.${node}`,
      `files.${node}`,
      `final.${node}`,
      `clear.${node}`,
      "load",
      "proven",
    ];
    for (const step of steps) expect([...done.keys()]).toContain(step);
    expect(done.get("guard")).toMatchObject({ good: 0, master: 1 });
    const backups = await publishedBackups(manager.place);
    expect(backups).toEqual([`dump-${node}-001`, `files-${node}-001`, `final-${node}-001`]);
    for (const name of backups)
      expect(await verifyBackup(journal, `${manager.place.directory}/${name}`)).toMatchObject({ node });
    const before = listing(directory);
    const backup = await keptBackup(manager, incident);
    expect(backup.path).toBe(`${manager.place.directory}/files-${node}-001`);
    expect(await finalDump(manager, backup, incident)).toMatchObject({
      path: `${manager.place.directory}/final-${node}-001`,
    });
    expect((await clearedBefore(manager, incident, backup))?.aside).toMatch(/\.lost$/);
    expect(await outageSeconds(manager, journal)).toBeGreaterThan(0);
    expect(listing(directory)).toBe(before);
  });

  test("of an in-place recovery: every backup is sound, the copy is adopted", async () => {
    const donor = managerOf(version, "in-place", "manager_0", "damaged");
    const damaged = managerOf(version, "in-place", "manager_1", "damaged");
    const incident = await readIncident("damaged", [donor, damaged]);
    expect(incident.on(donor).done.has(`given.${damaged.spec.node}`)).toBe(true);
    expect(incident.on(damaged).done.has(`restore.${damaged.spec.node}`)).toBe(true);
    for (const manager of [donor, damaged])
      for (const name of await publishedBackups(manager.place))
        expect(await verifyBackup(incident.on(manager), `${manager.place.directory}/${name}`)).toMatchObject({
          node: manager.spec.node,
        });
    const before = listing(directory);
    const backup = await keptBackup(donor, incident);
    expect(backup.path).toBe(`${donor.place.directory}/files-${donor.spec.node}-001`);
    expect(listing(directory)).toBe(before);
  });

  test("a lock: whose it is is told, its incident follows it up when it is old, another one does not", async () => {
    cpSync(join(VERSIONS, version, "lock"), directory, { recursive: true });
    const path = join(directory, "leofs-recovery.lock");
    const owner = (incident: string) => ({ incident, run: "today", stack: "some" });
    const refused = await lockedBy(host, path, owner("production/another"));
    expect(refused).toBeInstanceOf(LockedError);
    expect(refused?.places[0].holder).toMatchObject({
      incident: "production/lost",
      run: "second",
      who: "operator@desk",
    });
    expect(refused?.message).toMatch(/since \d{4}-\d\d-\d\dT/);
    for (const name of readdirSync(directory)) utimesSync(join(directory, name), 1, 1);
    await expect(acquireLock(host, path, owner("production/another"))).rejects.toThrow(LockedError);
    const lock = await acquireLock(host, path, owner("production/lost"));
    await lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });
});
