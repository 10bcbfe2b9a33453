import { describe, expect, test } from "vitest";
import { examine } from "../../../../leofs/checks/check";
import { chooseDonor } from "../../../../leofs/checks/donor";
import { moveChecks } from "../../../../leofs/checks/moveChecks";
import { methodChecks, wayChecks } from "../../../../leofs/checks/onlineChecks";
import { takeoverFindings } from "../../../../leofs/checks/takeoverFindings";
import type { ManagerView } from "../../../../leofs/checks/view";
import { lacking } from "../../../../leofs/manager/ready";
import { intact, MASTER, NEW, type Situation, SLAVE, view } from "../../support/views";

const serving = (given: Partial<Situation> = {}, change?: (one: ManagerView) => void) =>
  view({ running: [MASTER], ...given }, change);

function found(
  one: ManagerView,
  more: { method?: "offline" | "online"; begunWith?: "offline" | "online"; moves?: boolean } = {},
) {
  const { method = "online", begunWith, moves = false } = more;
  return examine(methodChecks, { serving: one, other: NEW, lost: SLAVE, moves, method, begunWith });
}
const names = (findings: { name: string }[]) => findings.map(({ name }) => name);

const onDiscOf = (discs: string[], inMemory: string[] = []) =>
  serving({}, ({ evidence }) => {
    Object.assign(evidence!.tables.get("leo_s3_users")!, { disc: discs, memoryOnly: inMemory });
  });

describe("method: online", () => {
  test("passes a manager that serves every table", () => {
    expect(found(serving())).toEqual([]);
  });

  test.each<[string, ManagerView, string, RegExp]>([
    ["a manager that is down", serving({ state: "down" }), "onlineServes", /is down/],
    ["one that waits for the other", serving({ state: "waiting" }), "onlineServes", /waits for its partner/],
    ["one that does not answer", serving({ state: "silent" }), "onlineServes", /does not answer/],
    [
      "a third manager in the tables",
      onDiscOf([MASTER, "manager_9@10.0.0.19"]),
      "otherReplica",
      /manager_9@10\.0\.0\.19/,
    ],
    ["a table in memory only", onDiscOf([], [MASTER]), "memoryTable", /leo_s3_users in memory only/],
    [
      "a manager whose disc has no room to write its largest table again",
      serving({ files: [{ name: "leo_s3_users.DCD", bytes: 10 * 1024 * 1024, kind: "f" }] }, ({ places }) => {
        Object.assign(places.mnesia, { disk: "/srv", freeKiB: 14_335 });
      }),
      "schemaRoom",
      /mounted on \/srv\) has 14335 KiB free, 14336 KiB are needed: .* Mnesia stops by itself on a full disc/,
    ],
  ])("is refused for %s, with the way out", (_, one, name, why) => {
    const findings = found(one);
    expect(names(findings)).toContain(name);
    const { text, level } = findings.find((finding) => finding.name === name)!;
    expect(level ?? "refuse").toBe("refuse");
    expect(text).toMatch(why);
    // A table in memory is lost offline, too, and a disc is full for both.
    if (name !== "memoryTable" && name !== "schemaRoom")
      expect(text).toContain("Or take method: online out of the settings");
  });

  test("a table in memory only is refused offline too, before it is lost by a stop", () => {
    const findings = found(onDiscOf([], [MASTER]), { method: "offline" });
    expect(findings).toContainEqual(
      expect.objectContaining({ name: "memoryTable", text: expect.stringContaining("would lose it") }),
    );
    const other = view({ node: SLAVE, state: "down", health: intact() });
    expect(chooseDonor([other, onDiscOf([], [MASTER])])).toMatchObject({ good: 1 });
    const spare = view({ node: NEW, role: "slave", state: "down", files: [] });
    const dead = { node: SLAVE, answers: false, evidence: "" };
    expect(names(takeoverFindings(onDiscOf([], [MASTER]), spare, dead, false))).toContain("survivor");
  });

  const withTable = (disc: string[], loaded: boolean, memoryOnly: string[] = []) =>
    serving({}, ({ evidence }) => {
      evidence!.tables.set("my_table", { rows: 7, disc, memoryOnly, type: "set", loaded });
    });

  test("says which tables that LeoFS does not have are carried along", () => {
    expect(found(withTable([MASTER, SLAVE], true))).toMatchObject([
      { name: "carriedTables", level: "fact", text: expect.stringContaining("my_table (7 rows)") },
    ]);
    expect(names(found(withTable([MASTER, SLAVE], true), { method: "offline" }))).toEqual(["online"]);
  });

  test("is refused for a table that only the lost manager has, unless it is given up", () => {
    const [finding, ...others] = found(withTable([SLAVE], false));
    expect(finding).toMatchObject({ name: "lostTable", level: "refuse", acceptable: true });
    expect(finding!.text).toContain(`the only copy is on ${SLAVE}`);
    expect(others).toEqual([]);
    // The serving one cannot put on disc what it does not have.
    expect(names(found(withTable([], false, [SLAVE])))).toEqual(["lostTable"]);
    const apart = withTable([], false, [SLAVE]).evidence;
    expect(lacking(apart, [MASTER])).toBeUndefined();
    expect(names(found(withTable([], true, [MASTER])))).toContain("memoryTable");
  });

  test("a move is not told of a method that it does not have", () => {
    const [finding] = found(serving({ state: "down" }), { moves: true });
    expect(finding).toMatchObject({ name: "onlineServes" });
    expect(finding!.text).not.toContain("method: online");
  });

  test("is not confused with an incident that was begun with the other one", () => {
    expect(names(found(serving(), { begunWith: "offline" }))).toEqual(["method"]);
  });

  test("offline with a manager that serves says what online would spare", () => {
    expect(names(found(serving(), { method: "offline" }))).toEqual(["online"]);
    expect(found(serving({ state: "down" }), { method: "offline" })).toEqual([]);
  });

  test("is refused where the serving manager does not reach the host of the new one", () => {
    const way = { node: NEW, answers: false, evidence: "port 4369: etimedout" };
    const [finding] = examine(wayChecks, { serving: MASTER, way });
    expect(finding).toMatchObject({
      name: "reachBack",
      text: expect.stringContaining("port 4369: etimedout"),
    });
    expect(examine(wayChecks, { serving: MASTER, way: { ...way, answers: true } })).toEqual([]);
  });
});

describe("a move", () => {
  const pair = [MASTER, SLAVE] as const;
  const look = (moved: ManagerView, stays: ManagerView) =>
    examine(moveChecks, {
      from: { label: "leofs@10.0.0.11:22" } as never,
      moved: moved.evidence,
      stays: stays.evidence,
      pair,
    });
  const from = (given: Partial<Situation> = {}) => view({ node: MASTER, ...given });
  const stays = (given: Partial<Situation> = {}) => view({ node: SLAVE, ...given });

  test("of one of two that serve the same tables", () => {
    expect(look(from(), stays()).map(({ name, level }) => [name, level])).toEqual([["moves", "fact"]]);
  });

  test.each<[string, ManagerView, ManagerView, string]>([
    ["of one that does not answer", from({ state: "silent" }), stays(), "moveServes"],
    ["of one that waits", from({ state: "waiting" }), stays(), "moveServes"],
    ["of one that is not on every table", from({ partner: NEW }), stays(), "moveServes"],
    ["of one that runs apart", from({ running: [MASTER] }), stays(), "moveEqual"],
    ["of one that the other one does not see", from(), stays({ running: [SLAVE] }), "moveEqual"],
  ])("%s is refused", (_, moved, other, name) => {
    const refused = look(moved, other).filter(({ level }) => level === "refuse");
    expect(names(refused)).toEqual([name]);
  });
});
