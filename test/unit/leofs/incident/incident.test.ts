import { describe, expect, test } from "vitest";
import {
  changesOf,
  decidedBefore,
  hasDataBack,
  isBegun,
  isGivenUp,
  isReadyToStart,
  isReplaced,
  isSettled,
  isUnfinished,
  methodOf,
  PHASES,
  type Phase,
  phaseOf,
  refuseRolledBack,
} from "../../../../leofs/incident/incident";
import type { Noted } from "../../../../leofs/incident/journal";
import { surprises } from "../../../../leofs/incident/surprises";

const GOOD = "manager_0@10.0.0.11";
const OTHER = "manager_1@10.0.0.12";

type Journals = { good: Noted; other: Noted };
const blank = (): Noted => ({ begun: new Map(), done: new Map() });
const both = ({ good, other }: Journals) => [good, other];

/** `good files.X.done`: that entry on the host of the good one. */
function note(journals: Journals, line: string, record: Record<string, unknown> = {}): void {
  const [host, file] = line.split(" ") as ["good" | "other" | "both", string];
  const [, name, state] = /^(.*)\.(begun|done)$/.exec(file) as unknown as [string, string, "begun" | "done"];
  for (const journal of host === "both" ? both(journals) : [journals[host]]) journal[state].set(name, record);
}

/** A journal in which these are noted. */
function noted(...files: string[]): Noted {
  const journals = { good: blank(), other: blank() };
  for (const file of files) note(journals, `good ${file}`, { state: "up", aside: "/srv/mnesia.lost" });
  return journals.good;
}

const STOPS = (host: string, node: string): [string, Phase][] => [
  [`${host} stop.${node}.begun`, "stopped"],
  [`${host} stop.${node}.done`, "stopped"],
];
const CHECK: [string, Phase][] = [
  [`good before.${GOOD}.done`, "checked"],
  ["good guard.done", "checked"],
  [`other before.${OTHER}.done`, "checked"],
  ["other guard.done", "checked"],
];
const ROLLBACK: [string, Phase][] = [
  ["other rollback.begun", "rolling back"],
  ["good rollback.begun", "rolling back"],
  [`other returned.${OTHER}.done`, "rolling back"],
  [`good returned.${GOOD}.done`, "rolling back"],
  ["other rollback.done", "rolled back"],
  ["good rollback.done", "rolled back"],
];

/** The entries in the order a recovery writes them, and the phase once each is written. */
const SEQUENCES: Record<string, [string, Phase][]> = {
  "an offline takeover": [
    ...CHECK,
    ["good fence.manager_9@10.0.0.19.done", "checked"],
    ["good dump.done", "backed up"],
    [`good copied.dump-${GOOD}-001.done`, "backed up"],
    ...STOPS("good", GOOD),
    [`other files.${OTHER}.done`, "stopped"],
    [`other clear.${OTHER}.begun`, "stopped"],
    [`other clear.${OTHER}.done`, "cleared"],
    [`good files.${GOOD}.done`, "cleared"],
    [`good final.${GOOD}.done`, "cleared"],
    [`good clear.${GOOD}.begun`, "cleared"],
    [`good clear.${GOOD}.done`, "cleared"],
    [`good partner.${GOOD}.done`, "partnered"],
    [`other partner.${OTHER}.done`, "partnered"],
    [`good mnesia.production-lost.unformed-1.${GOOD}.begun`, "partnered"],
    [`good mnesia.production-lost.unformed-1.${GOOD}.done`, "partnered"],
    ["good load.begun", "partnered"],
    ["good load.done", "has its data"],
    ["good nodes.begun", "has its data"],
    ["good nodes.done", "has its data"],
    ["good proven.done", "proven"],
    ["other proven.done", "proven"],
  ],
  "an offline recovery in place": [
    ...CHECK,
    ["good dump.done", "backed up"],
    ...STOPS("other", OTHER),
    ...STOPS("good", GOOD),
    [`other files.${OTHER}.done`, "stopped"],
    [`other clear.${OTHER}.begun`, "stopped"],
    [`other clear.${OTHER}.done`, "cleared"],
    [`good files.${GOOD}.done`, "cleared"],
    [`good final.${GOOD}.done`, "cleared"],
    [`other restore.${OTHER}.begun`, "cleared"],
    [`good given.${OTHER}.done`, "has its data"],
    [`other restore.${OTHER}.done`, "has its data"],
    ["good proven.done", "proven"],
  ],
  "a recovery in place of two managers that were down": [
    ...CHECK,
    [`good files.${GOOD}.done`, "backed up"],
    [`other files.${OTHER}.done`, "backed up"],
    [`other clear.${OTHER}.begun`, "stopped"],
  ],
  "an online takeover": [
    ...CHECK,
    ["good dump.done", "backed up"],
    [`other files.${OTHER}.done`, "backed up"],
    [`other clear.${OTHER}.begun`, "stopped"],
    [`other clear.${OTHER}.done`, "cleared"],
    [`good replica.${OTHER}.begun`, "cleared"],
    [`other replica.${OTHER}.begun`, "cleared"],
    [`good replica.${OTHER}.done`, "has its data"],
    [`other replica.${OTHER}.done`, "has its data"],
    [`good partner.${GOOD}.done`, "has its data"],
    ["good proven.done", "proven"],
  ],
  "an online recovery in place": [
    ...CHECK,
    ["good dump.done", "backed up"],
    ...STOPS("other", OTHER),
    [`other clear.${OTHER}.begun`, "stopped"],
    [`other clear.${OTHER}.done`, "cleared"],
    [`good replica.${OTHER}.begun`, "cleared"],
    [`good replica.${OTHER}.done`, "has its data"],
    ["other proven.done", "proven"],
  ],
  "a takeover that is rolled back": [
    ...CHECK,
    ["good dump.done", "backed up"],
    ...STOPS("good", GOOD),
    [`good clear.${GOOD}.done`, "cleared"],
    ...ROLLBACK,
  ],
  "a recovery in place that is rolled back with its data": [
    ...CHECK,
    [`other clear.${OTHER}.done`, "cleared"],
    [`other restore.${OTHER}.done`, "has its data"],
    ...ROLLBACK,
  ],
};

describe("the phase of an incident", () => {
  test("is new while nothing is noted", () => {
    expect(phaseOf([])).toBe("new");
    expect(phaseOf([blank(), blank()])).toBe("new");
  });

  test.each(Object.entries(SEQUENCES))("entry by entry: %s", (_, sequence) => {
    const journals = { good: blank(), other: blank() };
    for (const [line, phase] of sequence) {
      note(journals, line);
      expect([line, phaseOf(both(journals))]).toEqual([line, phase]);
    }
  });

  test("every phase is one of these", () => {
    const seen = new Set(Object.values(SEQUENCES).flatMap((all) => all.map(([, phase]) => phase)));
    expect(Object.keys(PHASES).sort()).toEqual(["new", ...seen].sort());
  });

  test("an entry of no known kind has changed something", () => {
    expect(phaseOf([noted("later.done")])).toBe("stopped");
  });

  test.each<[Phase, string[], { begun: boolean; unfinished: boolean; givenUp: boolean }]>([
    ["new", [], { begun: false, unfinished: false, givenUp: false }],
    ["checked", ["guard.done"], { begun: false, unfinished: false, givenUp: false }],
    ["checked", [`fence.${OTHER}.done`], { begun: false, unfinished: true, givenUp: false }],
    ["backed up", ["dump.done"], { begun: true, unfinished: false, givenUp: false }],
    ["stopped", [`stop.${GOOD}.begun`], { begun: true, unfinished: true, givenUp: false }],
    ["has its data", ["load.done"], { begun: true, unfinished: true, givenUp: false }],
    ["proven", ["load.done", "proven.done"], { begun: true, unfinished: false, givenUp: false }],
    ["rolling back", ["rollback.begun"], { begun: true, unfinished: true, givenUp: true }],
    ["rolled back", ["rollback.begun", "rollback.done"], { begun: true, unfinished: false, givenUp: true }],
  ])("%s (%j) is %j", (phase, files, wanted) => {
    const journals = [noted(...files), blank()];
    const found = {
      begun: isBegun(journals),
      unfinished: isUnfinished(journals),
      givenUp: isGivenUp(journals),
    };
    expect([phaseOf(journals), found]).toEqual([phase, wanted]);
  });

  test("one that is rolled back, or about to be, goes no further", () => {
    expect(() => refuseRolledBack(noted("load.done"), "lost")).not.toThrow();
    expect(() => refuseRolledBack(noted("rollback.begun"), "lost")).toThrow(/is being rolled back/);
    expect(() => refuseRolledBack(noted("rollback.begun", "rollback.done"), "lost")).toThrow(
      /was rolled back/,
    );
  });

  test("what it has changed is named, without looks, backups and lifted fences", () => {
    const journal = noted(
      "guard.done",
      "dump.done",
      `clear.${GOOD}.begun`,
      `stop.${GOOD}.begun`,
      `stop.${GOOD}.done`,
    );
    journal.done.set(`fence.${OTHER}`, { state: "lifted" });
    expect(changesOf(journal)).toEqual([`clear.${GOOD} begun`, `stop.${GOOD} done`]);
  });

  test("its choice and method are those of the check", () => {
    const journal = blank();
    journal.done.set("guard", { good: 1, master: 0, why: "intact", method: "online" });
    expect(decidedBefore([blank(), journal], [GOOD, OTHER])).toEqual({ good: 1, master: 0, why: "intact" });
    expect([methodOf([blank(), journal]), methodOf([noted("guard.done")])]).toEqual(["online", "offline"]);
    expect(decidedBefore([noted("guard.done")], [GOOD, OTHER])).toBeUndefined();
  });

  test("its choice is of a manager, in whichever order the settings name the two by now", () => {
    const journal = blank();
    journal.done.set("guard", { good: 1, master: 0, why: "intact", nodes: [OTHER, GOOD] });
    expect(decidedBefore([journal], [OTHER, GOOD])).toMatchObject({ good: 1, master: 0 });
    expect(decidedBefore([journal], [GOOD, OTHER])).toMatchObject({ good: 0, master: 1 });
  });
});

describe("a manager of an incident", () => {
  const of = (...files: string[]) => ({ journal: noted(...files), node: GOOD });

  test("has its files replaced once they are cleared, or the donor's are there", () => {
    expect(isReplaced(of(`clear.${GOOD}.begun`, `clear.${OTHER}.done`))).toBe(false);
    expect(isReplaced(of(`clear.${GOOD}.done`))).toBe(true);
    expect(isReplaced(of(`restore.${GOOD}.done`))).toBe(true);
  });

  test("is settled once its files were moved aside, or given to the other one", () => {
    expect(isSettled(of(`given.${GOOD}.done`), false)).toBe(false);
    expect(isSettled(of(`given.${OTHER}.done`), false)).toBe(true);
    expect(isSettled(of(), true)).toBe(true);
  });

  test("has its data back by a load on either host, or by files of its own", () => {
    expect(hasDataBack(GOOD, [blank(), noted("load.done")])).toBe(true);
    expect(hasDataBack(GOOD, [noted(`restore.${GOOD}.done`)])).toBe(true);
    expect(hasDataBack(GOOD, [noted(`restore.${OTHER}.done`, "load.begun")])).toBe(false);
  });

  test("is ready to start once both are cleared, or one has files or a replica", () => {
    const other = (...files: string[]) => ({ journal: noted(...files), node: OTHER });
    expect(isReadyToStart([of(`clear.${GOOD}.done`), other()])).toBe(false);
    expect(isReadyToStart([of(`clear.${GOOD}.done`), other(`clear.${OTHER}.done`)])).toBe(true);
    expect(isReadyToStart([of(), other(`restore.${OTHER}.done`)])).toBe(true);
    expect(isReadyToStart([of(), other(`replica.${OTHER}.done`)])).toBe(true);
  });
});

describe("a surprise", () => {
  const of = (...files: string[]) => ({ journal: noted(...files), node: GOOD });
  const withSchema = (schema: string, ...files: string[]) => {
    const journal = noted(...files);
    journal.done.set("guard", { schema });
    return { journal, node: GOOD };
  };
  const loading = (schema?: string) => {
    const journal = blank();
    journal.begun.set("load", { file: "/b/dump.txt", schema });
    return { journal };
  };
  const tried = { file: "/b/dump.txt", schema: "one", arrived: true };
  const cleared = (node: string, ...files: string[]) => ({
    journal: noted(`clear.${node}.done`, ...files),
    node,
  });
  const none = { everyTable: [false, false] };

  test.each<[keyof typeof surprises, boolean, boolean]>([
    ["movedUnnoted", surprises.movedUnnoted(of(`clear.${GOOD}.begun`), { asideExists: true }), true],
    ["movedUnnoted", surprises.movedUnnoted(of(`clear.${GOOD}.begun`), { asideExists: false }), false],
    [
      "movedUnnoted",
      surprises.movedUnnoted(cleared(GOOD, `clear.${GOOD}.begun`), { asideExists: true }),
      false,
    ],
    ["movedUnnoted", surprises.movedUnnoted(of(), { asideExists: true }), false],
    ["changedSince", surprises.changedSince({ moved: false, isCopy: false }), true],
    ["changedSince", surprises.changedSince({ moved: true, isCopy: false }), false],
    ["changedSince", surprises.changedSince({ moved: false, isCopy: true }), false],
    ["tablesReplaced", surprises.tablesReplaced(withSchema("one"), { files: true, schema: "two" }), true],
    [
      "tablesReplaced",
      surprises.tablesReplaced(withSchema("one"), { files: false, schema: undefined }),
      true,
    ],
    ["tablesReplaced", surprises.tablesReplaced(withSchema("one"), { files: true, schema: "one" }), false],
    [
      "tablesReplaced",
      surprises.tablesReplaced(withSchema("one"), { files: true, schema: undefined }),
      false,
    ],
    ["tablesReplaced", surprises.tablesReplaced(of(), { files: false, schema: undefined }), false],
    [
      "oldTablesBack",
      surprises.oldTablesBack(withSchema("one", `clear.${GOOD}.done`), { schema: "one" }),
      true,
    ],
    [
      "oldTablesBack",
      surprises.oldTablesBack(withSchema("one", `clear.${GOOD}.done`), { schema: "two" }),
      false,
    ],
    ["oldTablesBack", surprises.oldTablesBack(withSchema("one"), { schema: "one" }), false],
    ["oldTablesBack", surprises.oldTablesBack(cleared(GOOD), { schema: undefined }), false],
    ["formedAgain", surprises.formedAgain({ schema: "one" }, { schema: "two" }), true],
    ["formedAgain", surprises.formedAgain({ schema: "one" }, { schema: "one" }), false],
    ["formedAgain", surprises.formedAgain({ schema: undefined }, { schema: "two" }), false],
    ["loadedUnnoted", surprises.loadedUnnoted(loading("one"), tried), true],
    ["loadedUnnoted", surprises.loadedUnnoted(loading(), tried), true],
    ["loadedUnnoted", surprises.loadedUnnoted(loading("two"), tried), false],
    ["loadedUnnoted", surprises.loadedUnnoted(loading("one"), { ...tried, file: "/b/other.txt" }), false],
    ["loadedUnnoted", surprises.loadedUnnoted(loading("one"), { ...tried, arrived: false }), false],
    ["loadedUnnoted", surprises.loadedUnnoted(of(), tried), false],
    ["unformed", surprises.unformed([cleared(GOOD), cleared(OTHER)], none), true],
    ["unformed", surprises.unformed([cleared(GOOD), cleared(OTHER)], { everyTable: [false, true] }), false],
    ["unformed", surprises.unformed([cleared(GOOD, "load.begun"), cleared(OTHER)], none), false],
    ["unformed", surprises.unformed([cleared(GOOD), of()], none), false],
    ["copyStarted", surprises.copyStarted(of(), { copyUnchanged: false }), true],
    ["copyStarted", surprises.copyStarted(of(), { copyUnchanged: true }), false],
    ["copyStarted", surprises.copyStarted(of(`restore.${GOOD}.done`), { copyUnchanged: false }), false],
    ["overtaken", surprises.overtaken(of(), { begun: true, serves: true }), true],
    ["overtaken", surprises.overtaken(of(), { begun: false, serves: true }), false],
    ["overtaken", surprises.overtaken(of(), { begun: true, serves: false }), false],
    ["overtaken", surprises.overtaken(of(`restore.${GOOD}.done`), { begun: true, serves: true }), false],
    ["partnerUnnoted", surprises.partnerUnnoted(of(), { originalKept: true }), true],
    ["partnerUnnoted", surprises.partnerUnnoted(of(), { originalKept: false }), false],
    ["partnerUnnoted", surprises.partnerUnnoted(of(`partner.${GOOD}.done`), { originalKept: true }), false],
    ["replicaGone", surprises.replicaGone(of(`replica.${GOOD}.done`), { onBoth: true, files: false }), true],
    ["replicaGone", surprises.replicaGone(of(`replica.${GOOD}.done`), { onBoth: false, files: true }), true],
    ["replicaGone", surprises.replicaGone(of(`replica.${GOOD}.done`), { onBoth: true, files: true }), false],
    ["replicaGone", surprises.replicaGone(of(), { onBoth: false, files: true }), false],
    ["forgotten", surprises.forgotten(blank()), true],
    ["forgotten", surprises.forgotten(noted("guard.done")), false],
  ])("%s", (_, found, wanted) => {
    expect(found).toBe(wanted);
  });
});
