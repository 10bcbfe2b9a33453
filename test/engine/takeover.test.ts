import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { WrittenData } from "../../sandbox/data";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { changedLines, filesBelow, publishedBelow } from "./support/backups";
import { type ClusterFacts, factsOf, pidsOf, type Rows, rowsOf } from "./support/clusterFacts";
import { type Adm, admCalls, giveAdm, type Ran, rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile();
const INCIDENT = "manager-lost";

/** The survivor, and which of the new pair is master and slave, by the names the sandbox gives. */
const PAIRS = {
  master: { survivor: "manager_1", master: "manager_2", slave: "manager_1" },
  slave: { survivor: "manager_0", master: "manager_0", slave: "manager_2" },
} as const;

const CASES: { lost: "master" | "slave"; adm: Adm; defaultsDeleted: boolean }[] = [
  { lost: "master", adm: "shipped", defaultsDeleted: true },
  { lost: "master", adm: "documented", defaultsDeleted: false },
  { lost: "slave", adm: "shipped", defaultsDeleted: false },
  { lost: "slave", adm: "documented", defaultsDeleted: false },
];

describe.each(CASES)("takeover of a lost $lost, leofs-adm $adm", ({ lost, adm, defaultsDeleted }) => {
  const names = PAIRS[lost];
  let late: WrittenData;
  let before: { rows: Rows; rings: ClusterFacts["rings"]; conf: Record<string, string> };
  let previewed: Ran;
  let ran: Ran;
  let after: ClusterFacts;

  const confOf = (name: string) =>
    readFile(join(rig.sandbox.manager(name).home, "etc", "leo_manager.conf"), "utf8");
  const nodeOf = (name: string) => rig.sandbox.manager(name).node;
  const pair = () => [nodeOf(names.master), nodeOf(names.slave)];
  const incidentOf = (name: string) => join(rig.sandbox.manager(name).backups, `production-${INCIDENT}`);
  const both = () => [names.master, names.slave].map((name) => after.managers[name]!);

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await giveAdm(sandbox, names.survivor, adm);
    const { rings } = await factsOf(sandbox);
    if (defaultsDeleted) {
      await sandbox.console("master", "delete-user _test_leofs");
      await sandbox.console("master", "delete-endpoint localhost");
    }
    await sandbox.console("master", "delete-user user2");
    late = await sandbox.writeData({ users: 2, buckets: 2, endpoints: 1 }, { prefix: "late-" });
    await sandbox.lose(lost);
    const spare = await sandbox.spare();
    await giveAdm(sandbox, spare, adm);
    const conf = { [names.survivor]: await confOf(names.survivor), [spare]: await confOf(spare) };
    before = { rows: await rowsOf(sandbox, names.survivor), rings, conf };
    await rig.configure(takeoverSettings(sandbox.description, INCIDENT));
    previewed = await rig.preview();
    ran = await rig.up();
    if (ran.error) throw new Error(ran.error);
    after = await factsOf(sandbox);
  });

  it("says that it recovered, with the outage, the evidence and what is left for a person", () => {
    const [master, slave] = pair();
    const { verdict, outageSeconds, debt, evidence, nextSteps } = ran.outcome;
    expect(Object.keys(previewed.changes)).toEqual(["create"]);
    expect(ran.changes).toEqual(previewed.changes);
    expect(verdict).toBe("recovered");
    expect(debt).toEqual([]);
    expect(outageSeconds).toBeGreaterThan(0);
    expect(outageSeconds).toBeLessThan(120);
    expect(evidence).toContainEqual(
      expect.stringMatching(
        new RegExp(`^${master} and ${slave} hold the same rows: 22 tables, \\d+ rows, on disc on both`),
      ),
    );
    const nodes = Object.values(rig.sandbox.description.nodes).map(({ node }) => node);
    for (const node of nodes) {
      expect(evidence).toContainEqual(expect.stringContaining(`${node} follows ${master} and ${slave}`));
      expect(nextSteps).toContainEqual(
        expect.stringContaining(`host of ${node}: set "managers = [${master}, ${slave}]"`),
      );
    }
    for (const partner of [master, slave])
      expect(nextSteps).toContainEqual(
        expect.stringMatching(
          `leo_manager[.]conf: set manager[.]partner = ${partner} there, or it is undone$`,
        ),
      );
    expect(nextSteps).toHaveLength(nodes.length + 2);
  });

  it("shows its progress under the resources while it goes on", () => {
    const steps = ran.messages.filter(({ ephemeral }) => ephemeral);
    const under = (resource: string) =>
      steps.filter(({ urn }) => urn?.endsWith(`::production-${resource}`)).map(({ message }) => message);
    expect(under("dump")).toContainEqual(`dumping ${nodeOf(names.survivor)}`);
    // The first part has those of the three late tables that are there already; the others follow.
    expect(under("load")).toContainEqual(expect.stringMatching(/^loading (19|2[0-2]) tables, \d+ rows/));
    expect(under("registration")).toContainEqual(
      expect.stringContaining(`update-managers ${pair().join(" ")}`),
    );
  });

  it("leaves every row from before on both managers, and nothing else", () => {
    for (const { id, secretKey } of late.users) {
      expect(before.rows.leo_s3_users).toContainEqual(expect.stringContaining(`<<"${id}">>`));
      expect(before.rows.leo_s3_credentials).toContainEqual(expect.stringContaining(`<<"${secretKey}">>`));
    }
    for (const one of both()) {
      expect(one.rows).toEqual(before.rows);
      for (const { id, accessKey } of late.users)
        expect(one.users).toMatch(new RegExp(`${id} .*${accessKey}`));
      for (const bucket of late.buckets) expect(one.buckets).toContain(bucket);
      for (const endpoint of late.endpoints) expect(one.endpoints).toContain(endpoint);
      expect(one.users).not.toMatch(/^\s*user2 /m);
      expect(one.users.includes("_test_leofs")).toBe(!defaultsDeleted);
      expect(one.rows.leo_s3_credentials?.some((row) => row.includes('<<"05236">>'))).toBe(!defaultsDeleted);
      expect(/^localhost /m.test(one.endpoints)).toBe(!defaultsDeleted);
    }
  });

  it("leaves all 22 tables on the discs of both, one ring hash, and every node following the new pair", () => {
    expect(Object.keys(after.managers).sort()).toEqual([names.master, names.slave].sort());
    expect(both().map(({ tablesOnDisc }) => tablesOnDisc)).toEqual([22, 22]);
    const ring = before.rings[rig.sandbox.description.nodes.storage_0!.node];
    expect(ring).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(Object.values(after.rings))).toEqual(new Set([ring]));
    expect(Object.keys(after.followers)).toHaveLength(3);
    for (const follows of Object.values(after.followers)) expect(follows).toEqual(pair());
  });

  it("changed only the partner's line of each conf, and kept the originals", async () => {
    for (const [name, partner] of [
      [names.master, nodeOf(names.slave)],
      [names.slave, nodeOf(names.master)],
    ] as const) {
      expect(changedLines(before.conf[name]!, await confOf(name))).toEqual([
        [expect.stringMatching(/^manager\.partner = /), `manager.partner = ${partner}`],
      ]);
      const kept = join(incidentOf(name), `leo_manager.conf.${nodeOf(name)}`);
      expect(await readFile(kept, "utf8")).toBe(before.conf[name]);
    }
  });

  it("keeps a dump and the survivor's files, each with the hashes of its manifest, for its owner only", async () => {
    const { dump, survivorFiles, replacementFiles } = ran.outcome.backups;
    const kept = await publishedBelow(incidentOf(names.survivor));
    expect(kept[dump!.path]).toMatchObject({ kind: "dump", digest: dump!.digest });
    expect(kept[survivorFiles!.path]).toMatchObject({ kind: "files", digest: survivorFiles!.digest });
    for (const { node, named, found, modes } of Object.values(kept)) {
      expect(node).toBe(nodeOf(names.survivor));
      expect(found).toEqual(named);
      expect(modes).toEqual(["600"]);
    }
    expect(replacementFiles).toMatchObject({ path: "", bytes: 0 });
    const text = await readFile(join(dump!.path, "dump.txt"), "latin1");
    for (const { secretKey } of late.users) expect(text).toContain(secretKey);
    const aside = join(rig.sandbox.manager(names.survivor).home, "work", "mnesia", `127.0.0.1.${INCIDENT}`);
    expect(existsSync(join(aside, "leo_s3_users.DCD"))).toBe(true);
  });

  it("dumped and loaded with what this leofs-adm offers", async () => {
    const calls = (await admCalls(rig.sandbox, names.survivor)).filter((line) =>
      line.includes("mnesia-data"),
    );
    const verbs = calls.map((line) => /(dump|load)-mnesia-data/.exec(line)?.[1]);
    expect([...new Set(verbs)].sort()).toEqual(adm === "documented" ? ["dump", "load"] : []);
    for (const line of calls)
      expect(line).toContain(`-p ${rig.sandbox.manager(names.survivor).consolePort} `);
  });

  it("does nothing the second time and touches no process", async () => {
    const again = await rig.up();
    expect(again.error).toBeUndefined();
    expect(again.changes).toEqual({ same: ran.changes.create });
    expect(again.outcome).toEqual(ran.outcome);
    expect(again.plan).toEqual([]);
    for (const name of [names.master, names.slave])
      expect(await pidsOf(rig.sandbox, name)).toEqual(after.managers[name]!.pids);
  });

  it("forgets at destroy, and leaves cluster, confs and backups as they are", async () => {
    const backups = () =>
      Promise.all([names.master, names.slave].map((name) => filesBelow(incidentOf(name))));
    const kept = await backups();
    const destroyed = await rig.destroy();
    expect(destroyed.error).toBeUndefined();
    expect(destroyed.changes).toEqual({ delete: ran.changes.create });
    expect(await backups()).toEqual(kept);
    expect(await factsOf(rig.sandbox)).toEqual(after);
  });

  it("still holds everything after both managers were stopped and started", async () => {
    for (const name of [names.slave, names.master]) await rig.sandbox.stopManager(name);
    for (const name of [names.master, names.slave]) await rig.sandbox.startManager(name);
    await rig.sandbox.waitForPair([names.master, names.slave]);
    for (const name of [names.master, names.slave]) {
      expect(await rig.sandbox.tablesOnDisc(name)).toBe(22);
      expect(await rowsOf(rig.sandbox, name)).toEqual(before.rows);
    }
  });

  it("a storage node starts with the line that the next steps give", async () => {
    const { node, home } = rig.sandbox.description.nodes.storage_0!;
    const step = ran.outcome.nextSteps.find((line) => line.includes(node));
    const line = /set "(managers = [^"]+)"/.exec(step ?? "")?.[1] ?? "";
    const conf = join(home, "etc", "leo_storage.conf");
    await rig.sandbox.controlNode("storage_0", "stop");
    await writeFile(conf, (await readFile(conf, "utf8")).replace(/^managers = .*$/m, line));
    await rig.sandbox.startNode("storage_0");
    expect(await rig.sandbox.managersFollowed("storage_0")).toEqual(pair());
  });
});
