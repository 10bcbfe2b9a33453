import { describe, expect, test } from "vitest";
import { takeoverFindings } from "../../../../leofs/checks/takeoverFindings";
import type { ManagerView } from "../../../../leofs/checks/view";
import { type NoAnswerCause, NodeUnreachable } from "../../../../leofs/erlang/noAnswer";
import type { Reach } from "../../../../leofs/manager/ask";
import { broken, intact, MASTER, NEW, type Situation, SLAVE, storage, view } from "../../support/views";

const DEAD: Reach = { node: SLAVE, answers: false, evidence: "asked from a: no answer within 4 s" };

/** What a master's conf says when its system values are the cluster's. */
const SYSTEM = "consistency.num_of_replicas = 2";

/** The master survives, the slave is lost, a fresh home stands by. */
const survivor = (given: Partial<Situation> = {}, change?: (one: ManagerView) => void) =>
  view({ running: [MASTER], conf: SYSTEM, ...given }, change);
const replacement = (given: Partial<Situation> = {}, change?: (one: ManagerView) => void) =>
  view(
    { node: NEW, role: "slave", partner: MASTER, state: "down", files: [], health: undefined, ...given },
    change,
  );

const linkedTo =
  (change: object) =>
  ({ places }: ManagerView): void => {
    const [from, file] = ["/leofs/etc/leo_manager.conf", "/srv/managed/leo_manager.conf"];
    places.linked = { ...places.etc, path: "/srv/managed", from, file, ...change };
  };

function refusals(one: ManagerView, other: ManagerView, lost = DEAD, resuming = false): string[] {
  const found = takeoverFindings(one, other, lost, resuming);
  return found.filter(({ level }) => level === "refuse").map(({ name }) => name);
}

describe("a takeover", () => {
  test.each<[string, ManagerView, ManagerView, Reach, string[]]>([
    ["of a dead slave by a fresh installation", survivor(), replacement(), DEAD, []],
    ["while the lost one answers", survivor(), replacement(), { ...DEAD, answers: true }, ["lostAnswers"]],
    ["with the survivor down", survivor({ state: "down" }), replacement(), DEAD, ["survivorDown"]],
    [
      "with the survivor down and its files damaged",
      survivor({ state: "down", health: broken() }),
      replacement(),
      DEAD,
      ["survivorFiles"],
    ],
    [
      "of a name that is not the survivor's partner",
      survivor(),
      replacement(),
      { ...DEAD, node: "manager_9@nowhere" },
      ["lostUnknown"],
    ],
    [
      "of a name that is not the survivor's partner, by the conf of a survivor that is down",
      survivor({ state: "down" }),
      replacement(),
      { ...DEAD, node: "manager_9@nowhere" },
      ["lostUnknown", "survivorDown"],
    ],
    ["with a silent survivor", survivor({ state: "silent" }), replacement(), DEAD, ["survivorSilent"]],
    [
      "with a survivor that waits for the lost one",
      survivor({ state: "waiting" }),
      replacement(),
      DEAD,
      ["survivorTables"],
    ],
    [
      "by a replacement that holds data",
      survivor(),
      replacement({ files: [{ name: "schema.DAT", bytes: 9, kind: "f" }] }),
      DEAD,
      ["replacementData"],
    ],
    [
      "by a replacement with an empty subdirectory",
      survivor(),
      replacement({ files: [{ name: "lost+found", bytes: 0, kind: "d" }] }),
      DEAD,
      [],
    ],
    ["by a replacement that runs without tables", survivor(), replacement({ state: "silent" }), DEAD, []],
    [
      "with a conf that is a link to where nothing can be replaced",
      survivor({}, linkedTo({ writable: false, owner: "root" })),
      replacement({}, linkedTo({ freeKiB: 0 })),
      DEAD,
      ["confLink", "confLink"],
    ],
    [
      "with a conf that nobody may change",
      survivor({}, ({ places }) => Object.assign(places, { confFixed: "/etc/leofs/leo_manager.conf" })),
      replacement(),
      DEAD,
      ["confFixed"],
    ],
    ["with a conf that is a link", survivor({}, linkedTo({})), replacement(), DEAD, []],
    ["with other cookies", survivor(), replacement({ cookie: "other" }), DEAD, ["cookie"]],
    ["with other versions", survivor(), replacement({ version: "1.4.3" }), DEAD, ["version"]],
    [
      "by a home of the survivor's role",
      survivor(),
      replacement({ role: "master", conf: SYSTEM }),
      DEAD,
      ["role"],
    ],
    [
      "during a rebalance",
      survivor({ nodes: [storage("storage_0", true, "running", 1)] }),
      replacement(),
      DEAD,
      ["rebalance"],
    ],
    ["with a storage node down", survivor({ nodes: [storage("s0", false)] }), replacement(), DEAD, []],
    [
      "with everything wrong at once",
      survivor({ state: "down" }),
      replacement({ cookie: "other", version: "1.4.3", files: [{ name: "x.DCD", bytes: 1, kind: "f" }] }),
      { ...DEAD, answers: true },
      ["version", "cookie", "lostAnswers", "survivorDown", "replacementData"],
    ],
  ])("%s", (_, one, other, lost, wanted) => {
    expect(refusals(one, other, lost)).toEqual(wanted);
  });

  test.each<[string, string, (one: ManagerView) => void]>([
    [
      "not there",
      "home",
      ({ manager: { facts } }) => Object.assign(facts.home, { exists: false, script: false }),
    ],
    [
      "not what it runs from",
      "home",
      ({ manager: { facts } }) => Object.assign(facts, { runsFrom: "/other" }),
    ],
    [
      "another's",
      "nodeName",
      ({ manager: { settings } }) => Object.assign(settings, { node: "manager_7@x" }),
    ],
    ["without a conf", "conf", ({ manager: { facts } }) => Object.assign(facts.conf, { main: undefined })],
  ])("a home that is %s: that alone is said, not what follows from it", (_, name, spoil) => {
    const wrong = (one: ManagerView) => {
      spoil(one);
      one.health = broken();
      Object.assign(one.manager.settings, { role: "master", cookie: "other" });
    };
    expect(refusals(survivor(), replacement({ version: "1.2.0" }, wrong))).toEqual([name]);
    expect(refusals(survivor({ state: "down" }, wrong), replacement())).toEqual([name]);
  });

  test.each<[NoAnswerCause, RegExp]>([
    [
      "cookie",
      /The cookie was read from \/leofs\/leo_manager_0\/etc\/leo_manager\.conf \(distributed_cookie\)/,
    ],
    ["no_epmd", /Start epmd there, as leofs: \/leofs\/leo_manager_0\/erts-\*\/bin\/epmd -daemon/],
    ["mute", /a stopped process goes on with kill -CONT/],
    ["timeout", /See log\/app\/error/],
  ])("a survivor that does not answer (%s): what was seen, and what mends just that", (cause, mend) => {
    const silent = survivor({ state: "silent" }, (one) => {
      one.silence = new NodeUnreachable(MASTER, "asked from there: SEEN", cause);
    });
    const [found] = takeoverFindings(silent, replacement(), DEAD, false).filter(
      ({ name }) => name === "survivorSilent",
    );
    expect(found?.text).toMatch(/does not answer: asked from there: SEEN\. /);
    expect(found?.text).toMatch(mend);
    expect(/cookie/.test(found!.text)).toBe(cause === "cookie");
  });

  test("a new master's own values must be the cluster's", () => {
    const lost = { ...DEAD, node: MASTER };
    const slave = () => view({ node: SLAVE, partner: MASTER, running: [SLAVE] });
    const master = (conf: string) =>
      view({ node: NEW, role: "master", partner: SLAVE, state: "down", files: [], health: undefined, conf });
    expect(refusals(slave(), master(SYSTEM), lost)).toEqual([]);
    const found = takeoverFindings(slave(), master(""), lost, false);
    expect(found.find(({ level }) => level === "refuse")).toMatchObject({
      name: "systemConf",
      text: expect.stringContaining("consistency.num_of_replicas must be 2"),
    });
  });

  test.each<[string, string, string[], RegExp]>([
    ["differ from what users set since", "", ["systemConf"], /consistency\.num_of_replicas must be 2/],
    ["say it twice, the last line right", `consistency.num_of_replicas = 3\n${SYSTEM}`, [], /^$/],
    [
      "cannot be at all",
      "consistency.num_of_replicas = 1\nconsistency.write = 2",
      ["systemConf", "systemConf", "impossibleConf"],
      /consistency\.write is 2, more than consistency\.num_of_replicas, which is 1/,
    ],
  ])("a surviving master starts empty too: its own values must not %s", (_, conf, names, text) => {
    const found = takeoverFindings(survivor({ conf }), replacement(), DEAD, false);
    const refused = found.filter(({ level }) => level === "refuse");
    expect(refused.map(({ name }) => name)).toEqual(names);
    expect(refused.map((one) => one.text).join("\n")).toMatch(text);
  });

  test("begun before: an empty survivor and a filled replacement are what is to be expected", () => {
    const stopped = survivor({ state: "down", files: [] });
    const filled = replacement({ state: "waiting", files: [{ name: "schema.DAT", bytes: 9, kind: "f" }] });
    expect(refusals(stopped, filled)).not.toEqual([]);
    expect(refusals(stopped, filled, DEAD, true)).toEqual([]);
    expect(refusals(stopped, filled, { ...DEAD, answers: true }, true)).toEqual(["lostAnswers"]);
  });

  test.each([
    [
      "noted",
      intact(MASTER, SLAVE),
      /went down before it, at 2026-11-22 19:39:35: it starts without it\. Start it/,
    ],
    [
      "did not note",
      intact(MASTER),
      /started alone it would wait for manager_1\S+ and stop itself.*the only copy/,
    ],
    [
      "has a log too large to tell that it noted",
      { ...intact(MASTER, SLAVE), marks: { ...intact(MASTER, SLAVE).marks, cut: "LATEST.LOG" } },
      /LATEST\.LOG in its Mnesia directory is too large .* start manager_0\S+ \(\S+ start\): with the newest data it serves alone/,
    ],
  ])("a survivor that is down and %s the lost one going down", (_, health, text) => {
    const found = takeoverFindings(survivor({ state: "down", health }), replacement(), DEAD, false);
    const refused = found.filter(({ level }) => level === "refuse");
    expect(refused).toMatchObject([{ name: "survivorDown", acceptable: true }]);
    expect(refused[0]!.text).toMatch(text);
  });

  test("only of a lost manager it is said that it does not serve; one that moves does", () => {
    const fact = (recovery?: { moves: true }) =>
      takeoverFindings(survivor(), replacement(), DEAD, false, recovery).filter(
        ({ name }) => name === "survivor",
      );
    expect(fact()).toMatchObject([{ level: "fact", text: expect.stringContaining("does not") }]);
    expect(fact({ moves: true })).toEqual([]);
  });

  test("tables that LeoFS does not have are named, with their rows", () => {
    const histories = { rows: 12, disc: [MASTER], memoryOnly: [], type: "set", loaded: true };
    const one = survivor({}, ({ evidence }) => evidence!.tables.set("leo_histories", histories));
    const found = takeoverFindings(one, replacement(), DEAD, false);
    expect(found.find(({ name }) => name === "otherTables")).toMatchObject({
      level: "hazard",
      text: expect.stringContaining("leo_histories (12 rows)"),
    });
    const online = takeoverFindings(one, replacement(), DEAD, false, { method: "online" });
    expect(online.filter(({ name }) => name === "otherTables")).toEqual([]);
  });

  test("a survivor that still counts the lost one among its connections is shown", () => {
    const found = takeoverFindings(survivor({ connected: [SLAVE] }), replacement(), DEAD, false);
    expect(found).toContainEqual(expect.objectContaining({ level: "hazard", name: "lostConnected" }));
  });
});

test("a survivor without the tables that the lost manager had in its memory is not called outdated", () => {
  const late = ["sv_columns", "sv_metric_grp", "sv_schemas"];
  const only = (memoryOnly: string[]) =>
    survivor({}, ({ evidence }) => {
      for (const name of late)
        Object.assign(evidence!.tables.get(name)!, { disc: [], memoryOnly, loaded: false, rows: 0 });
    });
  const textOf = (one: ManagerView) =>
    takeoverFindings(one, replacement(), DEAD, false).find(({ name }) => name === "survivorTables")?.text;
  expect(textOf(only([SLAVE]))).toContain(
    `serves all that users have. But ${late.join(", ")}, which define LeoFS's statistics, are in the memory of ${SLAVE} alone`,
  );
  expect(textOf(only([NEW]))).toContain("does not have the newest data");
});
