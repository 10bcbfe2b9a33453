import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type EntryKind, entries } from "../../../../leofs/incident/entries";
import { allOf, backupsIn, kindOf } from "../../../../leofs/incident/notedEntry";
import { productFiles } from "../../../../tools/rooms";

const NODE = "manager_0@10.0.0.11";
const noted = (done: Record<string, Record<string, unknown>>, begun: typeof done = {}) => ({
  begun: new Map(Object.entries(begun)),
  done: new Map(Object.entries(done)),
});

describe("the entries of the journal", () => {
  /** As they are on discs: these never change. */
  const NAMES: Record<EntryKind, string> = {
    check: "guard",
    before: `before.${NODE}`,
    fence: `fence.${NODE}`,
    dump: "dump",
    copied: "copied.files-manager_0@10.0.0.11-001",
    stop: `stop.${NODE}`,
    files: `files.${NODE}`,
    final: `final.${NODE}`,
    clear: `clear.${NODE}`,
    partner: `partner.${NODE}`,
    given: `given.${NODE}`,
    restore: `restore.${NODE}`,
    replica: `replica.${NODE}`,
    unformed: `mnesia.production-lost.unformed-2.${NODE}`,
    load: "load",
    loadLater: "load-later",
    nodes: "nodes",
    managers: "managers.storage_0@10.0.0.21",
    proven: "proven",
    returned: `returned.${NODE}`,
    rollback: "rollback",
  };

  test.each(Object.entries(NAMES))("%s is known by its name on disc", (kind, name) => {
    expect(kindOf(name)?.kind).toBe(kind);
  });

  test("each is written under that name", () => {
    expect(entries.check.name).toBe("guard");
    expect(entries.clear(NODE).doneFile).toBe(`clear.${NODE}.done`);
    expect(entries.unformed("/srv/mnesia.production-lost.unformed-2", NODE).name).toBe(NAMES.unformed);
  });

  test("what is none of them is told as it is", () => {
    expect(kindOf("later")).toBeUndefined();
    expect(allOf(noted({ later: { epoch: 1 } }))).toMatchObject([
      { name: "later", kind: undefined, done: true, at: "1970-01-01T00:00:01.000Z" },
    ]);
  });

  test("a field that is not what it should be is not there", () => {
    const journal = noted({
      guard: { good: 2, master: "0", why: 7, at: 8, gone: [1] },
      dump: { path: 3 },
      [`before.${NODE}`]: { running: "yes" },
      [`fence.${NODE}`]: {},
    });
    expect(entries.check.done(journal)).toMatchObject({
      good: undefined,
      master: undefined,
      why: "7",
      method: "offline",
      gone: ["1"],
      askers: [],
      at: undefined,
    });
    expect(entries.dump.done(journal)).toEqual({ path: undefined, at: undefined });
    expect(entries.before(NODE).done(journal)).toMatchObject({
      running: false,
      mnesia: true,
      generated: true,
      followers: [],
    });
    expect(entries.fence(NODE).done(journal)).toMatchObject({ state: "", kept: "", unit: "" });
    expect(backupsIn(journal)).toEqual([]);
  });

  test("what began and what is done are told apart", () => {
    const journal = noted({}, { [`clear.${NODE}`]: { aside: "/srv/mnesia.lost", backup: "/b/files" } });
    const clear = entries.clear(NODE);
    expect([clear.isBegun(journal), clear.isDone(journal)]).toEqual([true, false]);
    expect(clear.begun(journal)).toMatchObject({ aside: "/srv/mnesia.lost", backup: "/b/files" });
    expect(clear.done(journal)).toBeUndefined();
  });
});

const root = join(__dirname, "../../../..");
/** Files of the product besides the journal's own that hold this. */
const filesWith = (pattern: RegExp) =>
  productFiles()
    .filter((file) => !/leofs\/incident\/(entries|entry|journal)\.ts$/.test(file))
    .filter((file) => pattern.test(readFileSync(join(root, file), "utf8")));

test("no other file has the name of an entry, or reads or writes a record of the journal by itself", () => {
  expect(
    filesWith(/journal\.(done|begun)\.(get|has)|\b(done|begun)\.(get|has)\(["`]|\b(begin|finish)\(["`]/),
  ).toEqual([]);
});

test("a host is asked for its journal in few places, and whatever works on an incident is handed it", () => {
  expect(filesWith(/\b(readJournal|readIncident|readAgain)\(/)).toEqual([
    // Whatever a host remembers: whether a recovery of it is half-way.
    "cli/diagnose/halfWay.ts",
    // Each look at a manager.
    "leofs/checks/view.ts",
    "leofs/incident/readIncident.ts",
    // Another incident's, whose lock was met.
    "leofs/incident/unfinished.ts",
    // The stop notes itself.
    "leofs/pair/rollback/rollBack.ts",
    // Again, under the lock that this step took.
    "providers/session/oneManager.ts",
    // For each step, as it opens its managers.
    "providers/session/session.ts",
  ]);
});
