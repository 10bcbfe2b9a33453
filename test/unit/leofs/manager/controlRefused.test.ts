import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { notingIn } from "../../../../leofs/incident/journal";
import { START, STOP, startValues, stopValues } from "../../../../leofs/manager/control";
import type { ManagerSpec } from "../../../../leofs/names";
import type { FakeHome } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { limited, shellPrograms, standInManager } from "../../support/standInManager";

const standIn = standInManager();
let home: FakeHome;
let manager: ManagerSpec;
beforeEach(() => {
  ({ home, manager } = standIn);
});

const lock = {
  get path() {
    return join(manager.home, "work", "leofs-recovery.lock");
  },
  incident: "production/one",
  breaks: "'rm -f /other/lock' on 10.0.0.12",
};

describe.each(shellPrograms())("in $name", ({ shell }) => {
  const host = () => new LocalHost(shell);
  const start = () => host().run(START, limited(startValues(manager), 10));

  describe("as a step of a recovery", () => {
    const checked = async (good: 0 | 1) => {
      await mkdir(join(home.incident, "journal"), { recursive: true });
      const nodes = [manager.node, "other@10.0.0.12"];
      const noted = { good, master: 0, why: 'said "so"', nodes, schema: "s", gone: [], method: "offline" };
      await writeFile(join(home.incident, "journal", "guard.done"), JSON.stringify(noted));
    };
    const stopAs = (side: "good" | "other") =>
      host().run(STOP, limited(stopValues(manager, { noting: notingIn(home.incident), side }), 10));

    test.each([
      ["good", 0],
      ["other", 1],
    ] as const)("the one that is %s is stopped where the check said so", async (side, good) => {
      await start();
      await checked(good);
      expect(await stopAs(side)).toMatchObject({ code: 0, stdout: expect.stringContaining("gone (") });
    });

    test.each([
      ["good", 1, "other@10.0.0.12 has the data, and manager_"],
      ["other", 0, "has the data, and other@10.0.0.12 is made from it"],
    ] as const)("one that the check saw otherwise than as %s runs on", async (side, good, said) => {
      await start();
      const running = await standIn.pids();
      await checked(good);
      const { code, stdout } = await stopAs(side);
      expect([code, stdout]).toEqual([1, expect.stringContaining(`begun otherwise: `)]);
      expect(stdout).toContain(said);
      expect(await standIn.pids()).toEqual(running);
    });

    test("one that was not checked runs on", async () => {
      await start();
      const running = await standIn.pids();
      const { code, stdout } = await stopAs("good");
      expect([code, stdout]).toEqual([1, expect.stringContaining("was not checked for this incident")]);
      expect(await standIn.pids()).toEqual(running);
    });

    test("one whose files the recovery did not make ready is not started, until it is proven", async () => {
      const ready = `clear.${manager.node}.done`;
      const startStep = () =>
        host().run(START, limited(startValues(manager, { incident: home.incident, ready }), 10));
      await checked(0);
      const { code, stdout } = await startStep();
      expect([code, stdout]).toEqual([1, expect.stringContaining(`those of this recovery (${ready})`)]);
      expect(await standIn.asked()).toEqual([]);
      for (const name of [ready, "proven.done"]) {
        const file = join(home.incident, "journal", name);
        await writeFile(file, "{}");
        expect(await startStep()).toMatchObject({ code: 0 });
        await rm(file);
      }
    });

    test.each(["damaged", '{"good":1,"master":0,"why":"w","nod', '{"at":"2026-11-22T03:00:00.000Z"}'])(
      "one whose check noted %s, which says nothing of whose data is good, runs on",
      async (noted) => {
        await start();
        const running = await standIn.pids();
        await checked(1);
        await writeFile(join(home.incident, "journal", "guard.done"), noted);
        const { code, stdout } = await stopAs("good");
        expect([code, stdout]).toEqual([1, expect.stringContaining("is not as it was noted")]);
        expect(await standIn.pids()).toEqual(running);
      },
    );

    test("one whose check version 0.1.0 noted, without the managers' names, is stopped", async () => {
      await start();
      await checked(1);
      await writeFile(join(home.incident, "journal", "guard.done"), '{"good":1,"master":0,"why":"w"}');
      expect(await stopAs("good")).toMatchObject({ code: 0 });
    });
  });

  describe("while somebody holds the manager's lock", () => {
    const holds = async (incident: string) => {
      await mkdir(join(manager.home, "work"), { recursive: true });
      const holder = {
        incident,
        run: "r",
        who: "eve@desk",
        from: "/leofs",
        stack: "acme/leofs/prod",
        pid: 7,
        since: "2026-11-22T03:00:00.000Z",
      };
      // Taken over once: the last file of the chain tells who holds it.
      await writeFile(lock.path, `aa\n${JSON.stringify({ ...holder, incident: "production/past" })}\n`);
      await writeFile(`${lock.path}.aa.next`, `bb\n${JSON.stringify(holder)}\n`);
    };
    const tryStop = () =>
      host().run(STOP, limited(stopValues(manager, { noting: notingIn(home.incident), lock }), 10));
    const tryStart = () => host().run(START, limited(startValues(manager, { lock }), 10));

    test("another recovery's: nothing is stopped or started, and it is said whose it is", async () => {
      await holds("production/other");
      await start();
      const running = await standIn.pids();
      for (const trial of [tryStop, tryStart])
        expect(await trial()).toMatchObject({
          code: 1,
          stdout: expect.stringMatching(
            /^Another recovery works on this pair: eve@desk \(stack acme\/leofs\/prod in \/leofs\), incident production\/other, since 2026-11-22T03:00:00.000Z\. Nothing was done to .*\n.*'rm -f \/.*\/work\/leofs-recovery.lock' on .* and 'rm -f \/other\/lock' on 10\.0\.0\.12 and try again/,
          ),
        });
      expect(await standIn.pids()).toEqual(running);
      expect(await standIn.journal()).toEqual([]);
    });

    test("one that cannot be read: nothing is stopped, and it is said which file to look at", async () => {
      await holds("production/one");
      // Root, who may run this test, reads a file of any mode: this one ends before its holder.
      await writeFile(lock.path, "aa\n");
      await start();
      const running = await standIn.pids();
      expect(await tryStop()).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(
          /cannot read .*leofs-recovery\.lock on .*Nothing was done to .*\n.*'ls -l /,
        ),
      });
      expect(await standIn.pids()).toEqual(running);
    });

    test("its own incident's: it goes on", async () => {
      await holds("production/one");
      await start();
      expect(await tryStop()).toMatchObject({ code: 0, stdout: expect.stringContaining("stopped") });
      expect(await tryStart()).toMatchObject({ code: 0, stdout: expect.stringContaining("runs") });
    });
  });
});
