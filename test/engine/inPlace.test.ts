import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { WrittenData } from "../../sandbox/data";
import { inPlaceSettings } from "../../sandbox/stackSettings";
import { filesBelow, publishedBelow } from "./support/backups";
import { type ClusterFacts, factsOf, pidsOf, type Rows, rowsOf } from "./support/clusterFacts";
import { type Adm, admCalls, giveAdm, type Ran, rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile();
const INCIDENT = "files-damaged";
const NAMES = ["manager_0", "manager_1"] as const;

const CASES: {
  damaged: "master" | "slave";
  adm: Adm;
  how: "truncate" | "garble";
  donor: "named" | "auto";
}[] = [
  { damaged: "master", adm: "shipped", how: "truncate", donor: "named" },
  { damaged: "master", adm: "documented", how: "garble", donor: "auto" },
  { damaged: "slave", adm: "shipped", how: "garble", donor: "auto" },
  { damaged: "slave", adm: "documented", how: "truncate", donor: "named" },
];

describe.each(CASES)(
  "in-place recovery of a damaged $damaged, leofs-adm $adm, donor $donor, files $how",
  (one) => {
    const { damaged, adm, how, donor } = one;
    const [bad, good] = damaged === "master" ? NAMES : ([NAMES[1], NAMES[0]] as const);
    let late: WrittenData[];
    let before: { rows: Rows; rings: ClusterFacts["rings"]; confs: string[]; wreck: FileHashes };
    let previewed: Ran;
    let ran: Ran;
    let after: ClusterFacts;

    type FileHashes = Record<string, string>;
    const mnesiaOf = (name: string) => join(rig.sandbox.manager(name).home, "work", "mnesia", "127.0.0.1");
    const hashesOf = async (directory: string): Promise<FileHashes> =>
      Object.fromEntries(
        Object.entries(await filesBelow(directory)).map(([name, { sha256 }]) => [name, sha256]),
      );
    const confs = () =>
      Promise.all(
        NAMES.map((name) =>
          readFile(join(rig.sandbox.manager(name).home, "etc", "leo_manager.conf"), "utf8"),
        ),
      );
    const nodeOf = (name: string) => rig.sandbox.manager(name).node;
    const pair = () => NAMES.map(nodeOf);
    const incidentOf = (name: string) => join(rig.sandbox.manager(name).backups, `production-${INCIDENT}`);

    beforeAll(async () => {
      const sandbox = await rig.begin();
      for (const name of NAMES) await giveAdm(sandbox, name, adm);
      const { rings } = await factsOf(sandbox);
      await sandbox.console("master", "delete-user user2");
      await sandbox.console("master", "delete-user _test_leofs");
      const written = await sandbox.writeData({ users: 1, buckets: 1, endpoints: 1 }, { prefix: "late-" });
      await sandbox.damage(damaged, { how });
      const alone = await sandbox.writeData({ users: 1, buckets: 1 }, { prefix: "alone-", through: good });
      late = [written, alone];
      before = {
        rows: await rowsOf(sandbox, good),
        rings,
        confs: await confs(),
        wreck: await hashesOf(mnesiaOf(bad)),
      };
      await rig.configure(
        inPlaceSettings(sandbox.description, INCIDENT, donor === "auto" ? "auto" : damaged),
      );
      previewed = await rig.preview();
      ran = await rig.up();
      if (ran.error) throw new Error(ran.error);
      after = await factsOf(sandbox);
    });

    it("says that it recovered, with the outage and the evidence, and leaves nothing to do", () => {
      const { verdict, outageSeconds, debt, evidence, nextSteps } = ran.outcome;
      expect(Object.keys(previewed.changes)).toEqual(["create"]);
      expect(ran.changes).toEqual(previewed.changes);
      expect(verdict).toBe("recovered");
      expect(debt).toEqual([]);
      expect(nextSteps).toEqual([]);
      expect(outageSeconds).toBeGreaterThan(0);
      expect(outageSeconds).toBeLessThan(120);
      const [master, slave] = pair();
      for (const { node } of Object.values(rig.sandbox.description.nodes))
        expect(evidence).toContainEqual(expect.stringContaining(`${node} follows ${master} and ${slave}`));
    });

    it("chose the donor before anything was changed, and said why", () => {
      const plan = previewed.plan.join("\n");
      expect(plan).toContain(`stop ${nodeOf(bad)}`);
      expect(plan).toContain(`stop the donor ${nodeOf(good)}`);
      expect(ran.outcome.backups.donorFiles?.node).toBe(nodeOf(good));
      expect(ran.outcome.backups.damagedFiles?.node).toBe(nodeOf(bad));
    });

    it("shows its progress under the resources while it goes on", () => {
      const steps = ran.messages.filter(({ ephemeral }) => ephemeral);
      const under = (resource: string) =>
        steps.filter(({ urn }) => urn?.endsWith(`::production-${resource}`)).map(({ message }) => message);
      expect(under("dump")).toContainEqual(`dumping ${nodeOf(good)}`);
      expect(under("copy")).toContainEqual(expect.stringMatching(/^copying \d+ files, \d+ bytes, to /));
      expect(under("registration")).not.toEqual([]);
    });

    it("leaves what the donor held on both managers, and nothing else", () => {
      for (const { id, secretKey } of late.flatMap(({ users }) => users)) {
        expect(before.rows.leo_s3_users).toContainEqual(expect.stringContaining(`<<"${id}">>`));
        expect(before.rows.leo_s3_credentials).toContainEqual(expect.stringContaining(`<<"${secretKey}">>`));
      }
      for (const manager of NAMES.map((name) => after.managers[name]!)) {
        expect(manager.rows).toEqual(before.rows);
        for (const { users, buckets, endpoints } of late) {
          for (const { id, accessKey } of users)
            expect(manager.users).toMatch(new RegExp(`${id} .*${accessKey}`));
          for (const bucket of buckets) expect(manager.buckets).toContain(bucket);
          for (const endpoint of endpoints) expect(manager.endpoints).toContain(endpoint);
        }
        expect(manager.users).not.toMatch(/^\s*(user2|_test_leofs) /m);
        expect(manager.rows.leo_s3_credentials?.filter((row) => row.includes('<<"05236">>'))).toEqual([]);
      }
    });

    it("leaves all 22 tables on the discs of both, one ring hash, and every node following the pair", () => {
      expect(Object.keys(after.managers).sort()).toEqual([...NAMES]);
      expect(Object.values(after.managers).map(({ tablesOnDisc }) => tablesOnDisc)).toEqual([22, 22]);
      const [ring] = Object.values(before.rings);
      expect(ring).toMatch(/^[0-9a-f]{8}$/);
      expect(new Set(Object.values(after.rings))).toEqual(new Set([ring]));
      expect(Object.keys(after.followers)).toHaveLength(3);
      for (const follows of Object.values(after.followers)) expect(follows).toEqual(pair());
    });

    it("keeps the damaged files and the donor's, each with the hashes of its manifest, and no conf is touched", async () => {
      const { dump, damagedFiles, donorFiles } = ran.outcome.backups;
      const ofGood = await publishedBelow(incidentOf(good));
      const ofBad = await publishedBelow(incidentOf(bad));
      expect(ofGood[dump!.path]).toMatchObject({ kind: "dump", digest: dump!.digest });
      expect(ofGood[donorFiles!.path]).toMatchObject({ kind: "files", digest: donorFiles!.digest });
      expect(ofBad[damagedFiles!.path]).toMatchObject({ kind: "files", digest: damagedFiles!.digest });
      for (const [name, published] of [
        [good, ofGood],
        [bad, ofBad],
      ] as const)
        for (const { node, named, found, modes } of Object.values(published)) {
          expect(node).toBe(nodeOf(name));
          expect(found).toEqual(named);
          expect(modes).toEqual(["600"]);
        }
      expect(await hashesOf(join(damagedFiles!.path, "mnesia"))).toEqual(before.wreck);
      expect(await hashesOf(`${mnesiaOf(bad)}.${INCIDENT}`)).toEqual(before.wreck);
      expect(existsSync(`${mnesiaOf(good)}.${INCIDENT}`)).toBe(false);
      expect(await confs()).toEqual(before.confs);
    });

    it("dumped with what this leofs-adm offers, and loaded nothing", async () => {
      const calls = (await Promise.all(NAMES.map((name) => admCalls(rig.sandbox, name)))).flat();
      const verbs = calls.flatMap((line) => /(dump|load)-mnesia-data/.exec(line)?.[1] ?? []);
      expect([...new Set(verbs)]).toEqual(adm === "documented" ? ["dump"] : []);
    });

    it("does nothing the second time and touches no process", async () => {
      const again = await rig.up();
      expect(again.error).toBeUndefined();
      expect(again.changes).toEqual({ same: ran.changes.create });
      expect(again.outcome).toEqual(ran.outcome);
      expect(again.plan).toEqual([]);
      for (const name of NAMES) expect(await pidsOf(rig.sandbox, name)).toEqual(after.managers[name]!.pids);
    });

    it("forgets at destroy, and leaves cluster and backups as they are", async () => {
      const backups = () => Promise.all(NAMES.map((name) => filesBelow(incidentOf(name))));
      const kept = await backups();
      const destroyed = await rig.destroy();
      expect(destroyed.error).toBeUndefined();
      expect(destroyed.changes).toEqual({ delete: ran.changes.create });
      expect(await backups()).toEqual(kept);
      expect(await factsOf(rig.sandbox)).toEqual(after);
    });

    it("still holds everything after both managers were stopped and started", async () => {
      for (const name of [good, bad]) await rig.sandbox.stopManager(name);
      for (const name of [bad, good]) await rig.sandbox.startManager(name);
      await rig.sandbox.waitForPair();
      for (const name of NAMES) {
        expect(await rig.sandbox.tablesOnDisc(name)).toBe(22);
        expect(await rowsOf(rig.sandbox, name)).toEqual(before.rows);
      }
    });
  },
);
