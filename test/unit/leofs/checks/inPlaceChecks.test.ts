import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseDonor } from "../../../../leofs/checks/donor";
import { inPlaceFindings } from "../../../../leofs/checks/inPlaceChecks";
import type { RecoveryCase } from "../../../../leofs/checks/recoveryCase";
import { judge } from "../../../../leofs/checks/situation";
import type { ManagerView } from "../../../../leofs/checks/view";
import { broken, intact, MASTER, type Situation, SLAVE, storage, view } from "../../support/views";

const master = (given: Partial<Situation> = {}) => view({ node: MASTER, ...given });
const slave = (given: Partial<Situation> = {}) => view({ node: SLAVE, ...given });
/** Down, and its Mnesia directory is gone: nobody could look into it. */
const withoutDirectory = (node: string): ManagerView =>
  view({ node, state: "down", files: [], health: undefined }, (one) => {
    one.health = undefined;
    one.mnesia.exists = false;
    one.mnesia.readable = false;
  });
const down = (health = intact()): Partial<Situation> => ({ state: "down", health });

describe("the donor", () => {
  test.each<[string, ManagerView, ManagerView, 0 | 1 | undefined, RegExp]>([
    [
      "the one that serves, the other down",
      master(),
      slave(down(broken())),
      0,
      /^manager_0.* serves every table and .* does not \(missing: leo_s3_users\.DCD\)$/,
    ],
    [
      "the one that serves, the other waiting",
      master({ state: "waiting" }),
      slave(),
      1,
      /waits for its partner/,
    ],
    ["the one that serves, the other silent", master(), slave({ state: "silent" }), 0, /does not answer/],
    [
      "the one with intact files",
      master(down(broken())),
      slave(down()),
      1,
      /files of manager_1.* are intact/,
    ],
    [
      "the one with files, the other's directory gone",
      withoutDirectory(MASTER),
      slave(down()),
      1,
      /is not there/,
    ],
    [
      "none: one damaged, the other's directory gone",
      withoutDirectory(MASTER),
      slave(down(broken())),
      undefined,
      /^neither can be relied on as it is/,
    ],
    [
      "none: one damaged, the other silent",
      master({ state: "silent" }),
      slave(down(broken())),
      undefined,
      /not answer/,
    ],
    [
      "none: one damaged, the other's Mnesia has stopped by itself",
      master(down(broken())),
      view({ node: SLAVE }, (one) => {
        one.evidence!.mnesia = "no";
        one.evidence!.tables = new Map();
      }),
      undefined,
      /^neither can be relied on as it is: .*manager_1\S+: runs without Mnesia .* then stop it \(\S+\/bin\/leo_manager stop\)/,
    ],
    ["none: both damaged", master(down(broken())), slave(down(broken())), undefined, /^the files of both/],
    ["none: both serve", master(), slave(), undefined, /neither looks damaged/],
    [
      "the one that noted the other going down",
      master(down(intact(MASTER))),
      slave(down(intact(SLAVE, MASTER))),
      1,
      /^manager_1.* stopped last: .* at 2026-11-22 19:39:35$/,
    ],
    [
      "none: neither noted anything",
      master(down()),
      slave(down()),
      undefined,
      /ended at once, or were killed/,
    ],
    [
      "none: each ran without the other",
      master(down(intact(MASTER, SLAVE))),
      slave(down(intact(SLAVE, MASTER))),
      undefined,
      /each ran without the other/,
    ],
    [
      "none: one's files are a copy of the other's",
      master(down(intact(SLAVE, MASTER))),
      slave(down(intact(SLAVE, MASTER))),
      undefined,
      /they were copied from there/,
    ],
  ])("%s", (_, one, other, good, why) => {
    expect(chooseDonor([one, other])).toEqual({ good, why: expect.stringMatching(why) });
  });

  const health = (writer: string, other: string) =>
    fc.oneof(
      fc.constant(broken()),
      fc.constant(intact(writer)),
      fc.constant(intact(writer, other)),
      fc.constant(intact(other, other)),
      fc.constant(intact(writer)).map((one) => ({ ...one, damaged: ["leo_s3_users.DCD: cut short"] })),
    );
  const manager = (node: string, other: string): fc.Arbitrary<ManagerView> =>
    fc.oneof(
      fc
        .constantFrom("serving" as const, "waiting" as const, "silent" as const)
        .map((state) => view({ node, state })),
      health(node, other).map((one) => view({ node, ...down(one) })),
      fc.constant(withoutDirectory(node)),
    );

  test("whatever is seen: never a side that is damaged or waits, and the same whoever is named first", () => {
    fc.assert(
      fc.property(manager(MASTER, SLAVE), manager(SLAVE, MASTER), (one, other) => {
        const chosen = chooseDonor([one, other]);
        const mirrored = chooseDonor([other, one]);
        expect(mirrored.good).toBe(chosen.good === undefined ? undefined : 1 - chosen.good);
        if (chosen.good === undefined) return;
        const donor = [one, other][chosen.good]!;
        const files = donor.health;
        expect(files?.directory.state ?? "complete").toBe("complete");
        expect(files?.damaged ?? []).toEqual([]);
        if (donor.evidence)
          expect([...donor.evidence.tables.values()].every((table) => table.loaded)).toBe(true);
        else expect(files, "a donor was chosen that nobody could look into").toBeDefined();
      }),
    );
  });
});

describe("an in-place recovery", () => {
  const names = (
    views: [ManagerView, ManagerView],
    donor: 0 | 1 | "auto",
    resuming = false,
    kept?: 0 | 1,
  ) => {
    const found = inPlaceFindings(views, donor, resuming, kept);
    return {
      good: found.good,
      refused: found.findings.filter(({ level }) => level === "refuse").map(({ name }) => name),
    };
  };

  test.each<[string, [ManagerView, ManagerView], 0 | 1 | "auto", 0 | 1 | undefined, string[]]>([
    ["of a damaged slave", [slave(down(broken())), master()], 1, 1, []],
    ["of a damaged slave, found out", [slave(down(broken())), master()], "auto", 1, []],
    ["that cannot be decided", [slave(down()), master(down())], "auto", undefined, ["donorUndecided"]],
    [
      "from a donor with damaged files",
      [slave(), master(down(broken()))],
      1,
      1,
      ["donorFiles", "donorStale"],
    ],
    [
      "from a donor that waits",
      [slave(down()), master({ state: "waiting" })],
      1,
      1,
      ["donorFiles", "donorStale"],
    ],
    [
      "from a donor that runs and does not answer",
      [slave(down()), master({ state: "silent" })],
      1,
      1,
      ["donorFiles", "donorStale"],
    ],
    [
      "from a donor whose files its user may not write, which is no matter on the other side",
      [
        view({ node: SLAVE, ...down(broken()) }, ({ places }) => void places.guarded.push("/m/schema.DAT")),
        view({}, ({ places }) => void places.guarded.push("/m/schema.DAT")),
      ],
      1,
      1,
      ["donorAccess"],
    ],
    ["of a manager that is well", [slave(), master()], 1, 1, ["notDamaged"]],
    [
      "of two that serve without each other",
      [slave({ running: [SLAVE] }), master({ running: [MASTER] })],
      1,
      1,
      ["splitBrain"],
    ],
    [
      "from the one that stopped first",
      [slave(down(intact(SLAVE, MASTER))), master(down(intact(MASTER)))],
      1,
      1,
      ["donorStale"],
    ],
    ["from a stopped donor while the other serves", [slave(), master(down())], 1, 1, ["donorStale"]],
    ["without a way to tell who stopped last", [slave(down()), master(down())], 1, 1, ["donorOrderUnknown"]],
    [
      "during a rebalance",
      [slave(down(broken())), master({ nodes: [storage("storage_0", true, "running", 2)] })],
      "auto",
      1,
      ["rebalance"],
    ],
    ["with a storage node down", [slave(down(broken())), master({ nodes: [storage("s", false)] })], 1, 1, []],
    ["with other cookies", [slave({ ...down(broken()), cookie: "x" }), master()], 1, 1, ["cookie"]],
  ])("%s", (_, views, donor, good, refused) => {
    expect(names(views, donor)).toEqual({ good, refused });
  });

  test("begun before: what was chosen then stands, whatever it looks like by now", () => {
    const both: [ManagerView, ManagerView] = [slave(down()), master(down())];
    expect(names(both, "auto", true, 0)).toEqual({ good: 0, refused: [] });
    expect(names([slave(), master()], 1, true)).toEqual({ good: 1, refused: [] });
  });

  test("begun before, and the damaged one serves without the donor by now: what was written to it would be lost", () => {
    const views: [ManagerView, ManagerView] = [slave({ running: [SLAVE] }), master({ running: [MASTER] })];
    expect(names(views, 1, true)).toEqual({ good: 1, refused: ["splitBrain"] });
    views[0].journal.done.set(`restore.${SLAVE}`, {});
    expect(names(views, 1, true)).toEqual({ good: 1, refused: [] });
  });
});

describe("a recovery that goes on", () => {
  /** The choice of its check, and something that was done by it. */
  const decided = ({ journal: { done } }: ManagerView) => {
    done.set("guard", { good: 1, master: 0, why: "intact", nodes: [MASTER, SLAVE] });
    done.set(`files.${SLAVE}`, { path: "/backups/files" });
  };
  const views = (): [ManagerView, ManagerView] => [
    view({ node: MASTER, ...down() }, decided),
    view({ node: SLAVE, ...down() }, decided),
  ];
  const recovery = { kind: "inPlace", donor: "auto" } as const;

  test("goes by what was decided when it was begun, not by a guess made for a plan since", async () => {
    const guess = { good: 0, master: 0, why: "a guess", guess: true } as const;
    expect((await judge(recovery, views(), [], guess)).choice.good).toBe(1);
  });

  test("takes no guess for a decision where the journals keep none", async () => {
    const [one, other] = [master(down(broken())), slave(down())];
    const guess = { good: 0, master: 0, why: "a guess", guess: true } as const;
    expect((await judge(recovery, [one, other], [], guess)).choice.good).toBe(1);
  });

  test("is refused while the other serves and the donor is down: what users write then would be lost", async () => {
    const one = view({ node: MASTER }, decided);
    const donor = view({ node: SLAVE, ...down() }, decided);
    // Accepted when it was begun: that is no consent to lose what was written since.
    const { findings } = await judge(recovery, [one, donor], ["donorStale", "splitBrain", "donorFiles"]);
    expect(findings.find(({ level }) => level === "refuse")).toMatchObject({
      name: "donorOvertaken",
      text: expect.stringContaining(`the donor ${SLAVE} is down: what users write`),
    });
  });

  const refused = async (of: RecoveryCase, seen: readonly [ManagerView, ManagerView]) =>
    (await judge(of, seen, [])).findings.filter(({ level }) => level === "refuse");

  test("goes on with the same donor, in whichever order the settings name the two by now", async () => {
    const [one, other] = views();
    expect((await judge(recovery, [other, one], [])).choice).toMatchObject({ good: 0 });
  });

  test("is refused with the sides exchanged: the damaged files would be put in the place of the good ones", async () => {
    const [one, other] = views();
    expect(await refused({ kind: "inPlace", donor: 1 }, [one, other])).toEqual([]);
    expect(await refused({ kind: "inPlace", donor: 0 }, [other, one])).toEqual([]);
    for (const sides of [
      [one, other],
      [other, one],
    ] as const)
      expect(await refused({ kind: "inPlace", donor: sides[0] === one ? 0 : 1 }, sides)).toEqual([
        {
          name: "subjects",
          level: "refuse",
          acceptable: false,
          text: expect.stringContaining(
            `begun otherwise: ${SLAVE} has the good files, ${MASTER} is recovered from it; the settings say now: ${MASTER} has`,
          ),
        },
      ]);
    expect(await refused({ kind: "takeover", lost: MASTER }, [other, one])).toMatchObject([
      { name: "subjects" },
    ]);
  });

  test("is refused with the sides exchanged once it was proven, and is sent neither on nor back", async () => {
    const [one, other] = views();
    one.journal.done.set("proven", { at: "2026-11-27T06:40:57.000Z", outageSeconds: 1, evidence: [] });
    const [found] = await refused({ kind: "inPlace", donor: 1 }, [other, one]);
    expect(found).toMatchObject({ name: "subjects" });
    expect(found?.text).toContain("proven at 2026-11-27T06:40:57.000Z and is over: give a new incident name");
    expect(found?.text).not.toMatch(/roll it back|go on with it/);
  });

  test("is refused where one of the two hosts remembers nothing of it: all would be done there again", async () => {
    const [one, other] = views();
    one.journal.done.clear();
    for (const donor of [1, "auto"] as const)
      expect(await refused({ kind: "inPlace", donor }, [one, other])).toMatchObject([
        {
          name: "journalGone",
          text: expect.stringContaining(`no journal of it in ${one.manager.place.directory}`),
        },
      ]);
  });

  test("goes on where the host that remembers nothing was installed again: it has no data, and was to get it", async () => {
    const [one, other] = views();
    one.journal.done.clear();
    one.mnesia.files = [];
    expect((await refused(recovery, [one, other])).map(({ name }) => name)).not.toContain("journalGone");
    const [damaged, donor] = views();
    donor.journal.done.clear();
    donor.mnesia.files = [];
    damaged.journal.done.set("dump", {});
    expect(await refused(recovery, [damaged, donor])).toMatchObject([{ name: "journalGone" }]);
  });

  test("that came to nothing beyond its check finds out again who has the data", async () => {
    const [one, other] = [view({ node: MASTER, ...down() }), view({ node: SLAVE, ...down(broken()) })];
    for (const { journal } of [one, other])
      journal.done.set("guard", { good: 1, master: 0, why: "intact", nodes: [MASTER, SLAVE] });
    const found = await judge(recovery, [one, other], []);
    expect(found.choice).toMatchObject({
      good: 0,
      why: expect.stringContaining(`files of ${MASTER} are intact`),
    });
  });
});
