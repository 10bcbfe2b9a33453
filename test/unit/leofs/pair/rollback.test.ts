import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { preparePlace, publishedBackups, verifyBackup } from "../../../../leofs/incident/backups/backupPlace";
import { clearMnesia } from "../../../../leofs/incident/backups/clearDirectory";
import { backUpFiles } from "../../../../leofs/incident/backups/fileBackup";
import type { Before } from "../../../../leofs/incident/before";
import { entries } from "../../../../leofs/incident/entries";
import { refuseRolledBack } from "../../../../leofs/incident/incident";
import { Journal, readJournal } from "../../../../leofs/incident/journal";
import type { Manager } from "../../../../leofs/manager/manager";
import { parseDump } from "../../../../leofs/mnesia/heldDump";
import { changePartner } from "../../../../leofs/pair/partner";
import { whyNot } from "../../../../leofs/pair/rollback/mayRollBack";
import { returnConf } from "../../../../leofs/pair/rollback/returnConf";
import { originalFiles, returnFiles } from "../../../../leofs/pair/rollback/returnFiles";
import {
  type RollbackSide,
  type RollbackSides,
  readSides,
} from "../../../../leofs/pair/rollback/rollbackState";
import { rowsOfUse, useInFiles, wasLoaded } from "../../../../leofs/pair/rollback/usedSince";
import type { Host } from "../../../../remote/host";
import { BREAKS, BREAKS_LIMIT, breakEverywhere } from "../../support/crashing";
import {
  CONF,
  cleanUp,
  contents,
  type FakeHome,
  fakeHome,
  incidentAt,
  managerAt,
} from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

const host = new LocalHost();
cleanUp();

const BEFORE: Before = { running: false, mnesia: true, generated: true, followers: [] };
const UNDONE = "work/mnesia/10.0.0.11.one.undone";

/** A home in the middle of a takeover: backed up, cleared, another partner, and a fresh Mnesia in its place. */
async function halfWay(): Promise<FakeHome> {
  const home = await fakeHome();
  await chmod(home.mnesia, 0o750);
  const manager = await managerAt(host, home);
  await preparePlace(manager.place, home.backups);
  const incident = await incidentAt(manager);
  await clearMnesia(manager, incident, await backUpFiles(manager, incident));
  await changePartner(await managerAt(host, home), incident.on(manager), "manager_2@10.0.0.13");
  await writeFile(join(home.mnesia, "schema.DAT"), "a fresh one");
  return home;
}

test("files that are back already, though nobody noted it, are no use of the pair", async () => {
  const home = await halfWay();
  const expected = parseDump(Buffer.from("{tables,[]}.\n", "latin1"));
  const seen = async () => {
    const manager = await managerAt(host, home);
    const journal = await readJournal(manager.place);
    const original = originalFiles(journal, manager.spec.node)!;
    const side = {
      manager,
      journal,
      original,
      cleared: true,
      replaces: true,
    } as Partial<RollbackSide> as RollbackSide;
    return useInFiles(side, { good: side, other: side } as RollbackSides, expected);
  };
  expect(await seen()).toHaveProperty("problem");
  await giveBack(host, home);
  expect(await seen()).toEqual({ rows: [] });
});

/** What a rollback does on one host once its manager is down. */
async function giveBack(on: Host, home: FakeHome, before = BEFORE): Promise<string[]> {
  const manager = await managerAt(on, home);
  const conf = await returnConf(manager);
  const incident = await incidentAt(manager);
  const original = originalFiles(incident.on(manager), home.manager.node)!;
  return [...(conf ? [conf] : []), ...(await returnFiles(manager, incident, original, before))];
}

const mnesiaOf = (home: FakeHome) => contents(home.mnesia);
const undoneOf = (home: FakeHome) => readFile(join(home.manager.home, UNDONE, "schema.DAT"), "utf8");

describe("whom a rollback is of", () => {
  /** Two managers of an incident that was begun, and what its check noted on both hosts. */
  async function begun() {
    const homes = [await fakeHome("manager_0"), await fakeHome("manager_1")] as const;
    const managers = [await managerAt(host, homes[0]), await managerAt(host, homes[1])] as const;
    const nodes = managers.map(({ spec }) => spec.node);
    for (const manager of managers) {
      await preparePlace(manager.place, homes[0].backups);
      const journal = new Journal(manager.place);
      await entries.check.finish(journal, { good: 1, master: 0, why: "intact", method: "offline", nodes });
      await entries.files(manager.spec.node).finish(journal, { path: "/backups/files" });
    }
    return managers;
  }
  const look = async (...managers: readonly [Manager, Manager]) => {
    const incident = await incidentAt(...managers);
    const sides = (await readSides(managers, incident))!;
    return { good: sides.good.manager.spec.node, why: await whyNot(sides, incident, undefined) };
  };

  test("is what the check decided, in whichever order the settings name the two by now", async () => {
    const [one, other] = await begun();
    const wanted = { good: other.spec.node, why: undefined };
    expect([await look(one, other), await look(other, one)]).toEqual([wanted, wanted]);
  });

  test("is refused for another pair, and where one host remembers nothing of it", async () => {
    const [one, other] = await begun();
    const stranger = await managerAt(host, await fakeHome("manager_7"));
    await expect(look(one, stranger)).resolves.toMatchObject({
      why: expect.stringContaining(
        `begun with ${one.spec.node} and ${other.spec.node}, and the settings name`,
      ),
    });
    await rm(join(one.place.directory, "journal"), { recursive: true });
    await expect(look(one, other)).resolves.toMatchObject({
      why: expect.stringContaining(`there is no journal of it in ${one.place.directory}`),
    });
    // Its host was installed again: there is nothing of it to put back, but there is once its files were moved aside.
    const { mnesiaDirectory: mnesia } = one.settings;
    await rm(mnesia, { recursive: true });
    await expect(look(one, other)).resolves.toMatchObject({ why: undefined });
    await mkdir(`${mnesia}.one`);
    await expect(look(one, other)).resolves.toMatchObject({ why: expect.stringContaining("no journal") });
  });
});

describe("putting back what a recovery changed on a host", () => {
  test("the directory itself comes back, the conf byte for byte, and what replaced them is kept", async () => {
    const untouched = await fakeHome();
    await chmod(untouched.mnesia, 0o750);
    const home = await halfWay();
    const evidence = await giveBack(host, home);
    expect(await mnesiaOf(home)).toEqual(await mnesiaOf(untouched));
    expect(await readFile(home.conf, "utf8")).toBe(CONF);
    expect(await undoneOf(home)).toBe("a fresh one");
    expect(evidence.join("\n")).toMatch(
      /byte for byte[\s\S]*3 files \(\d+ bytes\) from before[\s\S]*kept in .*undone/,
    );
  });

  test("a directory that was touched since is left alone, and the backup is put there", async () => {
    const untouched = await fakeHome();
    await chmod(untouched.mnesia, 0o750);
    const home = await halfWay();
    await writeFile(join(`${home.mnesia}.one`, "schema.DAT"), "spoilt");
    await giveBack(host, home);
    expect(await mnesiaOf(home)).toEqual(await mnesiaOf(untouched));
    expect(await readFile(join(`${home.mnesia}.one`, "schema.DAT"), "utf8")).toBe("spoilt");
  });

  test("where there was nothing there is nothing again", async () => {
    const home = await fakeHome();
    await rm(home.mnesia, { recursive: true });
    const manager = await managerAt(host, home);
    await preparePlace(manager.place, home.backups);
    const incident = await incidentAt(manager);
    await clearMnesia(manager, incident, await backUpFiles(manager, incident));
    await writeFile(join(home.mnesia, "schema.DAT"), "a fresh one");
    await giveBack(host, home, { ...BEFORE, mnesia: false });
    expect(await readFile(home.mnesia, "utf8").catch((error) => error.code)).toBe("ENOENT");
    expect(await undoneOf(home)).toBe("a fresh one");
  });

  test("a backup that is not what was written is refused, and nothing is changed", async () => {
    const home = await halfWay();
    const [name] = await publishedBackups({ host, directory: home.incident, as: undefined });
    await writeFile(join(home.incident, name!, "mnesia/schema.DAT"), "spoilt");
    await expect(giveBack(host, home)).rejects.toThrow("is not what was written");
    expect(await readFile(join(home.mnesia, "schema.DAT"), "utf8")).toBe("a fresh one");
  });

  test("what a person changed in the conf since stays; only the partner goes back", async () => {
    const home = await halfWay();
    const edited = `${await readFile(home.conf, "utf8")}console.port.cui = 10110\n`;
    await writeFile(home.conf, edited);
    const evidence = await giveBack(host, home);
    expect(await readFile(home.conf, "utf8")).toBe(
      edited.replace("manager_2@10.0.0.13", "manager_1@10.0.0.12"),
    );
    expect(evidence[0]).toContain("edited since by somebody");
  });

  test.each(BREAKS)(
    "interrupted %s at every place, nothing is lost and the next run ends well",
    async (how) => {
      const untouched = await fakeHome();
      await chmod(untouched.mnesia, 0o750);
      const wanted = await mnesiaOf(untouched);
      const places = await breakEverywhere(
        how,
        await halfWay(),
        giveBack,
        async (home) => {
          const place = { host, directory: home.incident, as: undefined };
          const [name] = await publishedBackups(place);
          await verifyBackup(new Journal(place), join(home.incident, name!));
          const fresh = [readFile(join(home.mnesia, "schema.DAT"), "utf8"), undoneOf(home)].map((text) =>
            text.catch(() => ""),
          );
          expect(await Promise.all(fresh)).toContain("a fresh one");
        },
        async (home) => {
          expect(await mnesiaOf(home)).toEqual(wanted);
          expect(await readFile(home.conf, "utf8")).toBe(CONF);
          expect(await undoneOf(home)).toBe("a fresh one");
        },
      );
      expect(places).toBeGreaterThan(3);
    },
    BREAKS_LIMIT,
  );
});

describe("whether the new pair was put to use", () => {
  const HEADER = `{tables,[
    {leo_s3_users,[{record_name,user_1},{attributes,[id,password,role_id,created_at,updated_at,del]}]},
    {leo_s3_endpoints,[{record_name,endpoint},{attributes,[endpoint,created_at]}]},
    {leo_ring_cur,[{record_name,ring},{attributes,[vnode_id,atom,clock]}]}]}.
`;
  const dumpOf = (rows: string) => parseDump(Buffer.from(HEADER + rows, "latin1"));
  const ALICE = '{leo_s3_users,<<"alice">>,<<"ba7f">>,1,5,5,false}.\n';
  const RING = "{leo_ring_cur,1,storage_0,2}.\n";
  const FRESH = '{leo_s3_users,<<"_test_leofs">>,<<>>,9,7,7,false}.\n{leo_s3_endpoints,<<"localhost">>,7}.\n';
  const backedUp = dumpOf(ALICE + RING);

  test("not by what LeoFS writes into fresh tables, nor by what is still to be loaded", async () => {
    expect(await rowsOfUse(backedUp, dumpOf(FRESH), false)).toEqual([]);
    expect(await rowsOfUse(backedUp, dumpOf(ALICE + FRESH), true)).toEqual([]);
    expect(await rowsOfUse(backedUp, dumpOf(FRESH.replaceAll("7", "8")), false)).toEqual([]);
  });

  test("by a row that is new, changed, or deleted once it was there", async () => {
    const bob = ALICE.replace("alice", "bob");
    expect(await rowsOfUse(backedUp, dumpOf(bob), false)).toEqual(["leo_s3_users bob is new"]);
    expect(await rowsOfUse(backedUp, dumpOf(ALICE.replace("false", "true")), true)).toEqual([
      "leo_s3_users alice was changed (del)",
    ]);
    expect(await rowsOfUse(backedUp, dumpOf(FRESH), true)).toEqual(["leo_s3_users alice was deleted"]);
  });

  test("by a row that was deleted between the load and the note that it is done", async () => {
    const ENDPOINT = '{leo_s3_endpoints,<<"s3.example.com">>,5}.\n';
    const expected = dumpOf(ALICE + ENDPOINT + RING);
    const noted = (...begun: string[]) => ({
      begun: new Map(begun.map((name) => [name, {}])),
      done: new Map(),
    });
    const side = (...begun: string[]) =>
      ({
        journal: noted(...begun),
        manager: { spec: { node: "manager_1@10.0.0.12" } },
        cleared: true,
      }) as RollbackSide;
    const used = async (rows: string, one = side("load")) => {
      const actual = dumpOf(rows);
      return rowsOfUse(expected, actual, await wasLoaded(one, { good: one }, expected, actual));
    };
    expect(await used(ALICE + FRESH + RING)).toEqual(["leo_s3_endpoints s3.example.com was deleted"]);
    expect(await used(ALICE + ENDPOINT + FRESH + RING)).toEqual([]);
    // Begun, and ended before anything was there; or never begun.
    expect(await used(FRESH)).toEqual([]);
    expect(await used(ALICE + FRESH + RING, side())).toEqual([]);
  });
});

test("a step of an incident that is rolled back does not go on", async () => {
  const journal = (...done: string[]) => ({
    begun: new Map([["rollback", {}]]),
    done: new Map(done.map((step) => [step, {}])),
  });
  expect(() => refuseRolledBack(journal("rollback"), "one")).toThrow("the incident one was rolled back");
  expect(() => refuseRolledBack(journal(), "one")).toThrow("is being rolled back");
  expect(() => refuseRolledBack({ begun: new Map(), done: new Map() }, "one")).not.toThrow();
});
