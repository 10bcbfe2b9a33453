import { expect, test } from "vitest";
import { entries } from "../../../../leofs/incident/entries";
import { Journal } from "../../../../leofs/incident/journal";
import { managerOn } from "../../../../leofs/manager/hostManager";
import type { Progress } from "../../../../providers/contract/progress";
import { keepLock, openManager } from "../../../../providers/session/oneManager";
import { Session } from "../../../../providers/session/session";
import type { Surroundings } from "../../../../providers/session/surroundings";
import { machineClock } from "../../../../remote/clock";
import { cleanUp, fakeHome } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

cleanUp();

const COMMON = { cluster: "production", incident: "one" };
const progress = { step: () => undefined } as unknown as Progress;

/** A manager whose check was passed by an earlier run; `meanwhile` happens while the lock is taken. */
async function world(meanwhile: (journal: Journal) => Promise<void> = async () => undefined) {
  const home = await fakeHome();
  /** Counts who asks for the journal. */
  class Host extends LocalHost {
    reads = 0;
    override run(...[script, ...rest]: Parameters<LocalHost["run"]>) {
      if (typeof script !== "string" && script.name === "read journal") this.reads += 1;
      return super.run(script, ...rest);
    }
  }
  const host = new Host();
  const journal = new Journal({ host, directory: home.incident, as: undefined });
  await entries.check.finish(journal, { good: 0, master: 0, why: "said", method: "offline" });
  const taken: string[] = [];
  const surroundings = {
    clock: machineClock,
    connect: () => host,
    manager: managerOn,
    acquireLock: async (_: unknown, path: string) => {
      await meanwhile(journal);
      taken.push(path);
      const verify = async () => {
        if (taken.length > 1) throw new Error("the lock was taken over");
      };
      return { verify, release: async () => undefined, gone: [] };
    },
  } as unknown as Surroundings;
  const target = { ...home.manager, backupDirectory: home.backups, connection: { host: "here" } };
  return { session: new Session(surroundings), target, host, journal, taken };
}

test("a step that takes the lock itself reads again under it: another run may have noted something", async () => {
  const it = await world((journal) => entries.dump.finish(journal, { path: "/backups/dump" }));
  const one = await openManager(it.session, it.target, COMMON);
  expect([one.locked, entries.dump.isDone(one.journal)]).toEqual([false, false]);
  await keepLock(it.session, one, it.target, COMMON, progress);
  expect(entries.dump.done(one.journal)?.path).toBe("/backups/dump");
  expect([it.taken.length, it.host.reads]).toEqual([1, 2]);
});

test("a rollback that was begun until the lock was taken ends the step", async () => {
  const it = await world((journal) => entries.rollback.begin(journal, {}));
  const one = await openManager(it.session, it.target, COMMON);
  await expect(keepLock(it.session, one, it.target, COMMON, progress)).rejects.toThrow(
    /is being rolled back .*its recovery does not go on/,
  );
  await expect(openManager(it.session, it.target, COMMON)).rejects.toThrow(/is being rolled back/);
});

test("under a lock that this run holds the journal is read once", async () => {
  const it = await world();
  await keepLock(it.session, await openManager(it.session, it.target, COMMON), it.target, COMMON, progress);
  const before = it.host.reads;
  const next = await openManager(it.session, it.target, COMMON);
  await keepLock(it.session, next, it.target, COMMON, progress);
  expect([next.locked, it.taken.length, it.host.reads - before]).toEqual([true, 1, 1]);
});

test("a run that stood still and whose lock was taken over begins and stops nothing more", async () => {
  const it = await world();
  const one = await openManager(it.session, it.target, COMMON);
  await keepLock(it.session, one, it.target, COMMON, progress);
  await entries.clear(it.target.node).begin(one.journal, { directory: "/d", aside: "/a" });
  it.taken.push("by somebody else");
  const { begun } = one.journal;
  const stop = one.manager.stop(one.journal.noting);
  await expect(stop).rejects.toThrow(/taken over/);
  const load = entries.load.begin(one.journal, { file: "/dump" });
  await expect(load).rejects.toThrow(/taken over/);
  expect([...begun.keys()]).toEqual([`clear.${it.target.node}`]);
});

test("no lock is taken where no recovery is under way: none was checked, or it is proven", async () => {
  const it = await world();
  await entries.proven.finish(it.journal, { outageSeconds: 1, evidence: [] });
  for (const incident of ["one", "of its own"]) {
    const common = { ...COMMON, incident };
    await keepLock(it.session, await openManager(it.session, it.target, common), it.target, common, progress);
  }
  expect(it.taken).toEqual([]);
});
