import { describe, expect, test } from "vitest";
import { examine } from "../../../../leofs/checks/check";
import { managerChecks } from "../../../../leofs/checks/managerChecks";
import { clusterChecks, pairChecks } from "../../../../leofs/checks/pairChecks";
import type { ManagerView } from "../../../../leofs/checks/view";
import { MASTER, NEW, type Situation, SLAVE, storage, view } from "../../support/views";

const verdicts = (findings: { level: string; name: string }[]) =>
  findings.map(({ level, name }) => `${level} ${name}`);

describe("what must hold of every manager", () => {
  test("nothing to say about a sound one", () => {
    expect(examine(managerChecks, view())).toEqual([]);
    expect(examine(managerChecks, view({ state: "down" }))).toEqual([]);
  });

  test.each<[string, (one: ManagerView) => void, string[], RegExp]>([
    [
      "the home is not there",
      ({ manager }) => {
        manager.facts.home = { exists: false, script: false };
      },
      ["refuse home"],
      /\/leofs\/leo_manager_0 is not there/,
    ],
    [
      "the home has no control script",
      ({ manager }) => {
        manager.facts.home.script = false;
      },
      ["refuse home"],
      /holds no bin\/leo_manager/,
    ],
    [
      "another node's home",
      ({ manager }) => {
        manager.settings.node = NEW;
      },
      ["refuse nodeName"],
      /is the home of manager_2@10\.0\.0\.13, not of manager_0/,
    ],
    [
      "a home without a node name",
      ({ manager }) => {
        manager.settings.node = undefined;
      },
      ["refuse nodeName"],
      /a node without a name/,
    ],
    [
      "no conf",
      ({ manager }) => {
        manager.facts.conf.main = undefined;
      },
      ["refuse conf"],
      /leo_manager\.conf is not there/,
    ],
    [
      "LeoFS 2, by its version",
      ({ manager }) => {
        manager.facts.release = { leofs: "2.0.0", erts: "13.2" };
        manager.facts.conf.main = undefined;
      },
      ["refuse leofs2"],
      /is an installation of LeoFS 2\.0\.0\. leofs-recovery knows LeoFS 1 only/,
    ],
    [
      "LeoFS 2, which has no conf and a short name",
      ({ manager }) => {
        manager.facts.release = { leofs: undefined, erts: "13.2" };
        manager.facts.conf.main = undefined;
        manager.facts.conf.vmArgs = "-sname manager_0\n";
      },
      ["refuse leofs2"],
      /LeoFS 2 \(no leo_manager\.conf, -sname in vm\.args\)/,
    ],
    [
      "a linked Mnesia directory",
      ({ mnesia }) => {
        mnesia.link = "/mnt/disk";
      },
      ["refuse mnesiaLink"],
      /symbolic link to \/mnt\/disk/,
    ],
    [
      "a Mnesia directory whose disc is not mounted",
      ({ mnesia }) => {
        mnesia.unmounted = "/data";
      },
      ["refuse mnesiaUnmounted"],
      /the disc that \/etc\/fstab has on \/data is not mounted/,
    ],
    [
      "a home in a directory that the login user may not enter",
      ({ manager }) => {
        Object.assign(manager.facts, { user: "ops" });
        Object.assign(manager.facts.home, { exists: false, script: false, closed: "/home/leofs" });
      },
      ["refuse home"],
      /ops may not look into \/home\/leofs, so whether \S+ is there is not seen\. Set runAs/,
    ],
    [
      "a Mnesia directory of somebody else",
      ({ mnesia }) => {
        mnesia.readable = false;
        mnesia.owner = "root";
      },
      ["refuse mnesiaAccess"],
      /leofs cannot read .* belongs to root/,
    ],
    [
      "an incomplete release",
      ({ manager }) => {
        manager.facts.tools.erlang = false;
      },
      ["refuse erlang"],
      /erlexec or .*start_clean.boot is not there/,
    ],
    [
      "a linked backup directory",
      ({ places: { backups } }) => {
        backups.link = true;
      },
      ["refuse backupDirectory"],
      /is a symbolic link/,
    ],
    [
      "a backup directory that cannot be written",
      ({ places: { backups } }) => {
        backups.writable = false;
      },
      ["refuse backupDirectory"],
      /leofs, the user LeoFS runs as, cannot write/,
    ],
    [
      "a full disk",
      ({ places: { backups } }) => {
        backups.freeKiB = 4_105;
      },
      ["refuse backupSpace"],
      /has 4105 KiB free, 4121 KiB are needed/,
    ],
    [
      "a directory below the Mnesia directory, which is copied twice and in no dump",
      ({ mnesia, places: { backups } }) => {
        mnesia.files.push({ name: "before-the-upgrade", bytes: 1024 ** 3, kind: "d" });
        backups.freeKiB = 2 * 1024 ** 2;
      },
      ["refuse backupSpace"],
      /has 2097152 KiB free, 2101273 KiB are needed/,
    ],
    [
      "a disk that df says nothing of",
      ({ places: { backups } }) => {
        backups.freeKiB = undefined;
      },
      [],
      /^$/,
    ],
    [
      "a suspicious line in the conf",
      ({ manager }) => {
        manager.settings.conf.warnings.push("line 3 is odd");
      },
      ["hazard confWarning"],
      /line 3 is odd/,
    ],
  ])("%s", (_, change, wanted, text) => {
    const found = examine(managerChecks, view({}, change));
    expect(verdicts(found)).toEqual(wanted);
    expect(found.map((one) => one.text).join("\n")).toMatch(text);
  });

  test.each([
    ["nothing", 5, []],
    ["the dump taken", 4, ["dump"]],
    ["the files backed up", 3, [`files.${MASTER}`]],
    ["and proven", 2, [`files.${MASTER}`, `final.${MASTER}`]],
  ])("with %s, space is wanted for %i times the files, and room to work", (_, times, steps) => {
    const files = [{ name: "leo_ring_cur.DCD", bytes: 10 * 1024 * 1024, kind: "f" as const }];
    const found = examine(
      managerChecks,
      view({ files }, ({ places: { backups }, journal }) => {
        backups.freeKiB = 1;
        for (const step of steps) journal.done.set(step, { at: "" });
      }),
    );
    expect(found[0]?.text).toContain(`${times * 10 * 1024 + 4096} KiB are needed`);
  });
});

test.each<[string, string | undefined, string, RegExp]>([
  [
    "leofs-adm",
    "/usr/local/bin/leofs-adm",
    "fact consoleThroughAdm",
    /is asked through \/usr\/local\/bin\/leofs-adm/,
  ],
  ["nothing", undefined, "refuse console", /AllowTcpForwarding local.* or install leofs-adm and nc there/],
])("a console that is not forwarded and could be asked through %s", (_, adm, verdict, says) => {
  const found = examine(
    managerChecks,
    view({}, (one) => {
      one.forwardingOff = true;
      one.manager.facts.tools.adm = adm;
    }),
  );
  expect(verdicts(found)).toEqual([verdict]);
  expect(found[0]?.text).toMatch(says);
});

describe("what two managers must have in common", () => {
  const pair = (one: Partial<Situation>, other: Partial<Situation>) =>
    examine(pairChecks, [view(one), view({ node: SLAVE, ...other })]);

  test.each<[string, Partial<Situation>, Partial<Situation>, string[]]>([
    ["a pair", {}, {}, []],
    ["other versions", { version: "1.4.3" }, {}, ["refuse version"]],
    ["other cookies", { cookie: "one" }, { cookie: "other" }, ["refuse cookie"]],
    ["two masters", {}, { role: "master" }, ["refuse role"]],
    ["clocks 30 s apart", { now: 1_000_030 }, {}, []],
    ["clocks 31 s apart", { now: 1_000_031 }, {}, ["hazard clocks"]],
  ])("%s", (_, one, other, wanted) => {
    expect(verdicts(pair(one, other))).toEqual(wanted);
  });

  test("one that speaks over IPv6, and one that does not", () => {
    const over6 = (of: Partial<Situation> = {}) =>
      view(of, ({ manager: { facts } }) => Object.assign(facts, { distribution: "inet6_tcp" }));
    expect(examine(pairChecks, [over6(), over6({ node: SLAVE, role: "slave" })])).toEqual([]);
    for (const views of [
      [view(), over6({ node: SLAVE, role: "slave" })],
      [over6({ node: SLAVE, role: "slave" }), view()],
    ] as const) {
      const found = examine(pairChecks, views);
      expect(verdicts(found)).toEqual(["refuse otherDistribution"]);
      expect(found[0]?.text).toMatch(/^manager_1\S+ speaks .*says so of manager_0/);
    }
  });

  test("a cookie is never shown", () => {
    const [found] = pair({ cookie: "canary-one" }, { cookie: "canary-two" });
    expect(found?.text).not.toContain("canary");
  });
});

describe("what the cluster's state means", () => {
  test.each<[string, Partial<Situation>, string[]]>([
    ["no node at all", {}, []],
    [
      "a manager without an answer says nothing",
      { state: "silent", nodes: [storage("storage_0", true, "running", 3)] },
      [],
    ],
    ["running nodes", { nodes: [storage("storage_0")] }, ["fact nodes"]],
    ["a node that is down", { nodes: [storage("storage_0", false, "stop")] }, ["hazard nodeDown"]],
    [
      "a rebalance under way",
      { nodes: [storage("storage_0", true, "running", 0), storage("storage_1", true, "running", 3)] },
      ["refuse rebalance", "fact nodes"],
    ],
    [
      "a node that waits for a rebalance",
      { nodes: [storage("storage_0"), storage("storage_1", true, "attached")] },
      ["refuse rebalance", "fact nodes"],
    ],
    [
      "a node that is to leave, and is down",
      { nodes: [storage("storage_1", false, "detached")] },
      ["refuse rebalance", "hazard nodeDown"],
    ],
    [
      "nodes whose rings differ",
      { nodes: [storage("storage_0"), { ...storage("storage_1"), ring: ["11111111", "11111111"] }] },
      ["refuse ring", "fact nodes"],
    ],
    [
      "a node without a ring",
      { nodes: [storage("storage_0"), { ...storage("storage_1"), ring: undefined }] },
      ["refuse ring", "fact nodes"],
    ],
    ["a suspended node", { nodes: [storage("storage_0", true, "suspend")] }, ["fact nodes"]],
  ])("%s", (_, situation, wanted) => {
    expect(verdicts(examine(clusterChecks, view(situation)))).toEqual(wanted);
  });

  test("many nodes are counted, some of them named", () => {
    const many = (change: object) =>
      Array.from({ length: 120 }, (_, index) => ({ ...storage(`storage_${index}`), ...change }));
    const texts = (change: object) =>
      examine(clusterChecks, view({ nodes: [storage("storage_x"), ...many(change)] }))
        .filter(({ level }) => level !== "fact")
        .map(({ text }) => text);
    expect(texts({ answers: false, state: "stop", ring: undefined })).toEqual([
      "120 of 121 storage and gateway nodes do not answer (storage_0@10.0.0.31, which the managers list as stop, storage_1@10.0.0.31, which the managers list as stop, storage_2@10.0.0.31, which the managers list as stop and 117 more); they stay as debt until they are back.",
    ]);
    for (const change of [{ state: "attached" }, { toMove: 7 }, { ring: ["11111111", "11111111"] }]) {
      const [text, ...more] = texts(change);
      expect(more).toEqual([]);
      expect(text).toMatch(/storage_2@10\.0\.0\.31 \S+ \S+( \S+)* and 117 more/);
      expect(text!.length).toBeLessThan(500);
    }
  });

  test("a ring is held against the managers' own, where they say it", () => {
    const of = (ring: [string, string] | "none") =>
      examine(
        clusterChecks,
        view({ nodes: [storage("storage_0")] }, (one) => {
          one.evidence!.ring = ring;
        }),
      ).find(({ name }) => name === "ring");
    expect(of(["aabbccdd", "aabbccdd"])).toBeUndefined();
    expect(of("none")).toMatchObject({
      acceptable: true,
      text: expect.stringMatching(/has none, storage_0@10\.0\.0\.31 has aabbccdd\/aabbccdd/),
    });
  });

  test("who follows whom is told", () => {
    const [found] = examine(clusterChecks, view({ nodes: [storage("storage_0")] }));
    expect(found?.text).toBe(`running nodes: storage_0@10.0.0.31 follows ${MASTER} and ${SLAVE}`);
  });
});
