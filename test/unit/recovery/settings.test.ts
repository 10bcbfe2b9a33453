import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeTarget } from "../../../providers/nodes/nodeTargets";
import { fencedOf, managersOf } from "../../../recovery/settings/cluster";
import { readClusters } from "../../../recovery/settings/clusters";
import { SECTIONS } from "../../../recovery/settings/schema";
import { connectionProblems } from "../../../remote/ssh/connectionProblems";
import { CANARY, cluster, KEY, type Mapping, manager, operatorsHome, problems } from "../support/settings";

/** What changes in the cluster when its takeover has this fence. */
const fenced = (fence: Mapping): Mapping => ({
  takeover: { ...(cluster().takeover as Mapping), fence },
});

const home = operatorsHome();

describe("settings that are right", () => {
  test("a takeover", () => {
    const [read] = readClusters({ production: cluster({ accept: ["rebalance"] }) });
    expect(read).toEqual({
      name: "production",
      incident: "2026-11-22-manager-0-lost",
      accept: ["rebalance"],
      rollback: false,
      onFailure: "stop",
      method: "offline",
      takeover: {
        lost: "manager_0@10.0.0.10",
        survivor: { ...manager(1), backupDirectory: "/var/backups/leofs" },
        replacement: { ...manager(2), backupDirectory: "/var/backups/leofs" },
      },
    });
  });

  test("a rollback, and what happens on failure", () => {
    const [read] = readClusters({ a: cluster({ rollback: true, onFailure: "rollback" }) });
    expect(read).toMatchObject({ rollback: true, onFailure: "rollback" });
  });

  test("in place, with the damaged one named: the donor is the second", () => {
    const inPlace = { damaged: manager(0), donor: manager(1) };
    const [read] = readClusters({ a: cluster({ takeover: undefined, inPlace }) });
    expect(read?.inPlace?.donor).toBe(1);
    expect(read?.inPlace?.managers.map(({ node }) => node)).toEqual([
      "manager_0@10.0.0.10",
      "manager_1@10.0.0.11",
    ]);
    expect(read).not.toHaveProperty("takeover");
    expect(read?.accept).toEqual([]);
  });

  test("a move: always online, and the one that moves is what is fenced", () => {
    const { backupDirectory: _, ...from } = manager(0);
    const move = { from, stays: manager(1), to: manager(2) };
    const [read] = readClusters({ a: cluster({ takeover: undefined, move }) });
    expect(read).toMatchObject({ method: "online", move: { from: { node: "manager_0@10.0.0.10" } } });
    expect(managersOf(read!).map(({ node }) => node)).toEqual(["manager_1@10.0.0.11", "manager_2@10.0.0.12"]);
    expect(fencedOf(read!)).toEqual(read!.move!.from);
    expect(problems({ a: cluster({ takeover: undefined, move: { ...move, to: manager(0) } }) })).toEqual([
      "clusters.a.move.to.node is manager_0@10.0.0.10, as from is called: a manager that moves gets another node name, and the one that stays is the other of the pair",
    ]);
  });

  test("in place, with the donor to be found out", () => {
    const inPlace = { managers: [manager(0), manager(1)], donor: "auto" };
    const [read] = readClusters({ a: cluster({ takeover: undefined, inPlace }) });
    expect(read?.inPlace).toMatchObject({ donor: "auto", managers: [manager(0), manager(1)] });
  });

  test("several clusters, each with its own recovery", () => {
    const read = readClusters({ one: cluster(), two: cluster({ incident: "other" }) });
    expect(read.map(({ name, incident }) => [name, incident])).toEqual([
      ["one", "2026-11-22-manager-0-lost"],
      ["two", "other"],
    ]);
  });

  test("a manager's own values win over the cluster's; optional ones are kept, absent ones stay absent", () => {
    const survivor = manager(1, {
      home: "/leofs/leo_manager_1//",
      backupDirectory: "/mnt/b",
      runAs: "leo",
      etcDirectory: "/etc/leofs",
    });
    const [read] = readClusters({
      a: cluster({ takeover: { ...(cluster().takeover as Mapping), survivor } }),
    });
    expect(read?.takeover?.survivor).toMatchObject({
      home: "/leofs/leo_manager_1",
      backupDirectory: "/mnt/b",
      runAs: "leo",
      etcDirectory: "/etc/leofs",
    });
    expect(Object.keys(read?.takeover?.replacement ?? {}).sort()).toEqual([
      "backupDirectory",
      "connection",
      "home",
      "node",
    ]);
  });

  test("a fence: the lost manager's home and connection", () => {
    const fence = {
      home: "/leofs/leo_manager_0/",
      connection: { host: "10.0.0.10", privateKey: KEY },
      etcDirectory: "/etc/leofs",
      runAs: "leo",
    };
    const takeover = { ...(cluster().takeover as Mapping), fence };
    const [read] = readClusters({ a: cluster({ takeover }) });
    expect(read?.takeover?.fence).toEqual({ ...fence, home: "/leofs/leo_manager_0" });
    expect(fencedOf(read!)).toMatchObject({ node: "manager_0@10.0.0.10", home: "/leofs/leo_manager_0" });
    expect(fencedOf(readClusters({ a: cluster() })[0]!)).toBeUndefined();
  });

  test("second copies: a directory and a connection, whose key may be a path", () => {
    const file = join(home.path, "key");
    writeFileSync(file, KEY);
    const copyTo = { directory: "/copies", connection: { host: "10.0.0.99", privateKeyFile: file } };
    const [read] = readClusters({ a: cluster({ copyTo }) });
    expect(read?.copyTo).toEqual({
      directory: "/copies",
      connection: { host: "10.0.0.99" },
      privateKeyFile: file,
    });
    expect(readClusters({ a: cluster() })[0]).not.toHaveProperty("copyTo");
  });

  test.each([
    [20261122, "20261122"],
    // What Pulumi makes of `incident: 2026-11-22`.
    ["2026-11-22 00:00:00 +0000 UTC", "2026-11-22"],
  ])("an incident that YAML takes for %j is a text", (incident, name) => {
    expect(readClusters({ a: cluster({ incident }) })[0]?.incident).toBe(name);
  });
});

test("every key of a connection that the documentation names is one that a connection takes", () => {
  const [, keys] = SECTIONS.find(([title]) => title === "connection")!;
  for (const key of Object.keys(keys.shape).filter((name) => name !== "privateKeyFile"))
    expect(connectionProblems({ host: "a", [key]: {} }).join()).not.toContain("not a connection argument");
});

describe("settings that cannot be used", () => {
  test.each([undefined, null, {}])("%j names no cluster, and an example is given", (value) => {
    expect(() => readClusters(value)).toThrow(/names no cluster; for example\n {2}leofs-recovery:clusters:/);
  });

  test.each([[[]], [[{ a: cluster() }]], ["text"], [5]])("%j is not a map of clusters", (value) => {
    expect(() => readClusters(value)).toThrow(
      /must be a map from a cluster's name to its settings; for example\n {2}leofs-recovery:clusters:/,
    );
  });

  test.each<[string, Mapping, string[]]>([
    ["neither case", { takeover: undefined }, ["a needs one of takeover"]],
    ["both cases", { inPlace: { damaged: manager(0), donor: manager(1) } }, ["a needs one of takeover"]],
    ["no incident", { incident: undefined }, ["a.incident is missing"]],
    ["an empty incident", { incident: "" }, ["a.incident is missing"]],
    ["an incident that is no name", { incident: "../etc" }, ["a.incident: "]],
    // Written as 1.10 it would be that of the incident 1.1, which never runs twice.
    [
      "an incident of which YAML makes another one",
      { incident: 1.1 },
      ["a.incident must be a text: put it in quotes"],
    ],
    [
      "one that is too long for a number",
      { incident: 2e19 },
      ["a.incident must be a text: put it in quotes"],
    ],
    [
      "a path with a blank behind it",
      { copyTo: { directory: "/b ", connection: { host: "c", privateKey: KEY } } },
      ['a.copyTo.directory: "/b " has a blank at its end'],
    ],
    ["an unknown key", { backupDir: "/x" }, ["a.backupDir is not a setting; there are incident, "]],
    ["a misspelt key", { acept: [] }, ["a.acept is not a setting (is accept meant?); there are incident, "]],
    [
      "an override that is none",
      { accept: ["cookie"] },
      ['a.accept[0]: "cookie" cannot be accepted; there are '],
    ],
    ["a rollback that is no yes or no", { rollback: "maybe" }, ["a.rollback must be true or false"]],
    ["an unknown onFailure", { onFailure: "panic" }, ["a.onFailure must be one of stop, rollback"]],
    [
      "a misspelt override",
      { accept: ["systemconf"] },
      ['a.accept[0]: "systemconf" cannot be accepted (is systemConf meant?); there are '],
    ],
    ["accept as a text", { accept: "rebalance" }, ["a.accept must be a list"]],
    ["a list in place of a mapping", { takeover: [] }, ["a.takeover must be a mapping"]],
    [
      "no backup directory anywhere",
      { backupDirectory: undefined },
      ["a.takeover.survivor.backupDirectory is missing", "a.takeover.replacement.backupDirectory is missing"],
    ],
    [
      "an empty takeover",
      { takeover: {} },
      ["a.takeover.lost is missing", "a.takeover.survivor is missing", "a.takeover.replacement is missing"],
    ],
    [
      "the survivor called lost",
      { takeover: { lost: "manager_1@10.0.0.11", survivor: manager(1), replacement: manager(2) } },
      ["a.takeover.survivor.node is manager_1@10.0.0.11, which is called lost"],
    ],
    [
      "a replacement with the lost one's name",
      { takeover: { lost: "manager_2@10.0.0.12", survivor: manager(1), replacement: manager(2) } },
      [
        "a.takeover.replacement.node is manager_2@10.0.0.12, the lost manager's own name: with the same name use inPlace",
      ],
    ],
    [
      "one manager twice",
      { takeover: { lost: "manager_0@10.0.0.10", survivor: manager(1), replacement: manager(1) } },
      ["a.takeover: both managers are called manager_1@10.0.0.11"],
    ],
    [
      "a node name that is none",
      { takeover: { lost: "manager 0", survivor: manager(1), replacement: manager(2) } },
      ['a.takeover.lost: "manager 0" is not a node name'],
    ],
    [
      "auto with one manager",
      { takeover: undefined, inPlace: { managers: [manager(0)], donor: "auto" } },
      ["a.inPlace.managers must be a list of 2"],
    ],
    [
      "auto with a mapping for managers",
      { takeover: undefined, inPlace: { managers: {}, donor: "auto" } },
      ["a.inPlace.managers must be a list"],
    ],
    [
      "both managers, and not who is the donor",
      { takeover: undefined, inPlace: { managers: [manager(0), manager(1)] } },
      ["a.inPlace.donor must be one of auto"],
    ],
    [
      "auto with texts for managers",
      { takeover: undefined, inPlace: { managers: [manager(0), "manager_1"], donor: "auto" } },
      ["a.inPlace.managers[1] must be a mapping"],
    ],
    [
      "auto beside a damaged one",
      {
        takeover: undefined,
        inPlace: { damaged: manager(0), managers: [manager(0), manager(1)], donor: "auto" },
      },
      ["a.inPlace.damaged is not a setting; there are managers, donor"],
    ],
    [
      "a fence with wrong values",
      fenced({ home: "leofs", runAs: "a b", connection: { host: "10.0.0.10", port: "x", privateKey: KEY } }),
      [
        'a.takeover.fence.home: "leofs" is not an absolute path',
        'a.takeover.fence.runAs: "a b" is not a user name',
        "a.takeover.fence.connection.port must be",
      ],
    ],
    [
      "a fence without anything, with a node of its own",
      fenced({ node: "manager_0@10.0.0.10" }),
      [
        "a.takeover.fence.home is missing",
        "a.takeover.fence.connection is missing",
        "a.takeover.fence.node is not a setting; there are home, etcDirectory, runAs, connection",
      ],
    ],
    [
      "a fence around a manager of the new pair",
      fenced({ home: `${manager(2).home}/`, connection: { host: "10.0.0.12", privateKey: KEY } }),
      ["a.takeover.fence.home is the home of manager_2@10.0.0.12, which is not the lost manager"],
    ],
    ["second copies that are a text", { copyTo: "/copies" }, ["a.copyTo must be a mapping"]],
    [
      "second copies without anything",
      { copyTo: {} },
      ["a.copyTo.directory is missing", "a.copyTo.connection is missing"],
    ],
    [
      "second copies with wrong values",
      { copyTo: { directory: "copies", connection: { host: "10.0.0.99", port: 0, privateKey: KEY } } },
      ['a.copyTo.directory: "copies" is not an absolute path', "a.copyTo.connection.port must be"],
    ],
    [
      "second copies with a misspelt setting",
      { copyTo: { directory: "/c", path: "/c", connection: { host: "10.0.0.99", privateKey: KEY } } },
      ["a.copyTo.path is not a setting; there are directory, connection"],
    ],
    [
      "second copies on a manager's host",
      { copyTo: { directory: "/c", connection: { host: "10.0.0.12", port: 22, privateKey: KEY } } },
      ["a.copyTo is the host of manager_2@10.0.0.12: a second copy must be on a host of its own"],
    ],
    [
      "managers with a donor by name",
      { takeover: undefined, inPlace: { managers: [manager(0), manager(1)], donor: manager(1) } },
      ["a.inPlace.damaged is missing", "a.inPlace.managers is not a setting; there are damaged, donor"],
    ],
  ])("%s", (_, change, wanted) => {
    const found = problems({ a: cluster(change) });
    expect(found).toEqual(wanted.map((text) => expect.stringContaining(`clusters.${text}`)));
  });

  test("what is misspelt in a connection, and what YAML took for a number", () => {
    const connection = { host: "h", privatKeyFile: "/x", password: 5, proxy: { host: "j", prt: 1 } };
    const takeover = { ...(cluster().takeover as Mapping), survivor: manager(1, { connection }) };
    const at = "clusters.a.takeover.survivor.connection";
    expect(problems({ a: cluster({ takeover }) })).toEqual([
      expect.stringContaining(
        `${at}.privatKeyFile is not a connection argument (is privateKeyFile meant?); there`,
      ),
      `${at}.password must be a text: put it in quotes.`,
      expect.stringContaining(
        `${at}.proxy.prt is not a connection argument (is port meant?); there are host,`,
      ),
    ]);
  });

  test("everything at once, each with its place, never a secret", () => {
    const survivor = manager(1, {
      home: "relative",
      runAs: "not a user",
      hom: CANARY,
      connection: { hots: CANARY, password: CANARY, privateKey: `-----BEGIN ${CANARY}`, port: 0 },
    });
    const broken = { a: cluster({ takeover: { lost: "x", survivor, replacement: CANARY } }), "b c": {} };
    const found = problems(broken);
    for (const place of [
      "a.takeover.lost: ",
      "a.takeover.survivor.hom is not a setting",
      "a.takeover.replacement must be a mapping",
      "b c: a cluster's name is made of",
      "b c.incident is missing",
      "b c needs one of takeover",
    ])
      expect(found).toContainEqual(expect.stringContaining(`clusters.${place}`));
  });

  test("what is wrong inside a manager, at once, without what was given", () => {
    const survivor = manager(1, {
      home: "relative",
      runAs: "not a user",
      etcDirectory: "/a/../b",
      connection: { hots: CANARY, password: 5, privateKey: `-----BEGIN ${CANARY}`, port: 0 },
    });
    const takeover = { ...(cluster().takeover as Mapping), survivor };
    const at = "clusters.a.takeover.survivor";
    expect(problems({ a: cluster({ takeover }) }).map((line) => line.split(/[: ]/)[0])).toEqual([
      `${at}.home`,
      `${at}.etcDirectory`,
      `${at}.runAs`,
      `${at}.connection.host`,
      `${at}.connection.hots`,
      `${at}.connection.password`,
      `${at}.connection.privateKey`,
      `${at}.connection.port`,
    ]);
  });
});

describe("nodes", () => {
  const read = (nodes: unknown) => readClusters({ production: cluster({ nodes }) })[0]!.nodes!;
  const storage = { node: "storage_3@10.0.0.33", type: "storage" as const };
  const gateway = { node: "gateway_0@10.0.0.61", type: "gateway" as const };

  test("an empty one is enough where LeoFS's packages are installed", () => {
    expect(nodeTarget(read({}), storage)).toEqual({
      ...storage,
      home: "/usr/local/leofs/current/leo_storage",
      backupDirectory: "/usr/local/leofs/current/leo_storage/work/leofs-recovery",
      connection: { host: "10.0.0.33" },
    });
    expect(nodeTarget(read({}), gateway).home).toBe("/usr/local/leofs/current/leo_gateway");
    expect(readClusters({ production: cluster() })[0]!.nodes).toBeUndefined();
  });

  test("single nodes have what differs, laid over what all have", () => {
    const nodes = read({
      connection: { user: "ops", port: 2222, privateKey: KEY, proxy: { host: "jump" } },
      home: { gateway: "/srv/gateway/" },
      runAs: "leofs",
      except: {
        [storage.node]: { home: "/srv/b", connection: { host: "b", user: "root" }, etcDirectory: "/etc/b" },
      },
    });
    expect(nodeTarget(nodes, storage)).toEqual({
      ...storage,
      home: "/srv/b",
      etcDirectory: "/etc/b",
      runAs: "leofs",
      backupDirectory: "/srv/b/work/leofs-recovery",
      connection: { host: "b", user: "root", port: 2222, privateKey: KEY, proxy: { host: "jump" } },
    });
    expect(nodeTarget(nodes, gateway)).toMatchObject({ home: "/srv/gateway", connection: { user: "ops" } });
  });

  test("what is wrong is named with its place, and never with a secret", () => {
    const wrong = {
      connection: { port: 0 },
      except: { "storage_1@h.x": { connection: { password: CANARY, privateKey: CANARY } } },
    };
    expect(problems({ production: cluster({ nodes: wrong }) })).toEqual([
      expect.stringMatching(/^clusters\.production\.nodes\.connection\.port must be a whole number/),
      expect.stringMatching(/^clusters\.production\.nodes\.except\.storage_1@h\.x\.connection\.port/),
      expect.stringMatching(/^clusters\.production\.nodes\.except\.storage_1@h\.x\.connection\.privateKey /),
    ]);
    const shape = {
      home: "/x",
      homes: {},
      except: { nobody: {}, "storage_1@h.x": { backupDirectory: "x" } },
    };
    expect(problems({ production: cluster({ nodes: shape }) }).join("\n")).toMatch(
      /nodes\.home must be a mapping[\s\S]*except\.nobody: "nobody" is not a node name[\s\S]*backupDirectory[\s\S]*nodes\.homes is not a setting \(is home meant\?\)/,
    );
  });
});
