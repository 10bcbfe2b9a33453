import { describe, expect, test } from "vitest";
import type { Places } from "../../../../leofs/checks/places";
import { replacedFindings } from "../../../../leofs/checks/replacedChecks";
import type { ManagerView } from "../../../../leofs/checks/view";
import { type NoAnswerCause, NodeUnreachable } from "../../../../leofs/erlang/noAnswer";
import { view } from "../../support/views";

describe("what replacing a Mnesia directory needs", () => {
  const files = [{ name: "leo_s3_users.DCD", bytes: 10 * 1024 * 1024, kind: "f" as const }];
  const good = view({ files });
  const found = (change: (one: ManagerView) => void) => replacedFindings(good, [view({ files: [] }, change)]);

  test("a directory that can be renamed, and room for the tables", () => {
    expect(found(() => undefined)).toEqual([]);
  });

  test.each<[string, Partial<Places["mnesia"]>, Partial<Places["parent"]>, RegExp]>([
    ["mnesiaMount", { mountPoint: true }, {}, /is a mount point, so it cannot be moved aside/],
    [
      "mnesiaParent",
      {},
      { writable: false, owner: "root" },
      /leofs may not rename \S+mnesia: .* belongs to root/,
    ],
    ["mnesiaParent", { owner: "root" }, { sticky: true, owner: "root" }, /may not rename/],
    ["mnesiaSpace", {}, { freeKiB: 24_575 }, /has 24575 KiB free, 24576 KiB are needed for the new tables\./],
    [
      "mnesiaSpace",
      {},
      { freeKiB: 49_151, disk: "/backups" },
      /49152 KiB are needed for the new tables and the b/,
    ],
    ["mnesiaFileCount", {}, { freeFiles: 65 }, /can take 65 more files \(inodes\), 66 are needed/],
  ])("%s", (name, mnesia, parent, text) => {
    const seen = found(({ places }) => {
      Object.assign(places.mnesia, mnesia);
      Object.assign(places.parent, parent);
    });
    expect(seen).toMatchObject([{ name, level: "refuse", acceptable: false }]);
    expect(seen[0]!.text).toMatch(text);
  });

  describe("a manager that LeoFS's own stop could not reach", () => {
    const silent = (cause: NoAnswerCause, active = false, noted: readonly ("begun" | "done")[] = []) =>
      found((one) => {
        for (const how of noted) one.journal[how].set(`stop.${one.manager.spec.node}`, { epoch: 1 });
        one.silence = new NodeUnreachable("m@h", "SEEN", cause);
        one.manager.facts.beams = [17];
        one.manager.facts.unit = active
          ? ({ name: "u", active, starts: true, mine: true } as never)
          : undefined;
      });

    test.each(["mute", "absent", "cookie"] as const)("%s: refused, with what was seen", (cause) => {
      expect(silent(cause)).toMatchObject([{ name: "stopSilent", level: "refuse", acceptable: false }]);
      expect(silent(cause)[0]!.text).toMatch(
        /runs \(process 17\) but does not answer: SEEN\. It could not be stopped: .*end process 17 there/,
      );
    });

    test("none that is asked something and is slow, or fails: a stop reaches that", () => {
      for (const cause of ["timeout", "failed", "lost"] as const) expect(silent(cause)).toEqual([]);
    });

    test("none that this incident is stopping: it may be on its way down; one that was stopped and runs again is", () => {
      expect(silent("absent", false, ["begun"])).toEqual([]);
      expect(silent("absent", false, ["begun", "done"])).toMatchObject([{ name: "stopSilent" }]);
    });

    test("under systemd, which ends it by a signal, only one that stands still", () => {
      expect(silent("absent", true)).toEqual([]);
      expect(silent("mute", true)).toMatchObject([{ name: "stopSilent" }]);
    });
  });

  test("a directory that somebody made unchangeable", () => {
    expect(found(({ places }) => Object.assign(places, { mnesiaFixed: true }))).toMatchObject([
      { name: "mnesiaFixed", level: "refuse", text: expect.stringContaining("chattr -i -a") },
    ]);
  });

  test("room beside the backups to dump the new rows and sort them: those of the other manager, twice", () => {
    const wanted = 2 * 10 * 1024 + 4096;
    const withFree = (freeKiB: number) => found(({ places }) => Object.assign(places.backups, { freeKiB }));
    expect(withFree(wanted)).toEqual([]);
    expect(withFree(wanted - 1)).toMatchObject([
      { name: "compareSpace", level: "refuse", acceptable: false },
    ]);
    expect(withFree(wanted - 1)[0]!.text).toMatch(
      /24575 KiB free, 24576 KiB are needed there to compare the new rows of \S+: they are dumped there/,
    );
    // It does not even hold its own backups: that is said instead.
    expect(withFree(4095)).toEqual([]);
  });

  test("a sticky directory is no hindrance to the owner of the Mnesia directory", () => {
    expect(found(({ places }) => Object.assign(places.parent, { sticky: true, owner: "root" }))).toEqual([]);
  });

  test.each(["clear", "restore"])("nothing is needed once it is done (%s)", (step) => {
    const full = (one: ManagerView) => {
      one.places.parent.freeKiB = 0;
      one.journal.done.set(`${step}.${one.manager.spec.node}`, {});
    };
    expect(found(full)).toEqual([]);
  });
});
