import { describe, expect, it } from "vitest";
import { diagnose } from "../../../cli/diagnose/diagnose";
import type { Found } from "../../../cli/diagnose/diagnosis";
import { notOver } from "../../../cli/diagnose/halfWay";
import { managersOfHost } from "../../../cli/diagnose/managersOfHost";
import { diagnosisText } from "../../../cli/diagnose/screen";
import type { ManagerView } from "../../../leofs/checks/view";
import { NodeUnreachable } from "../../../leofs/erlang/noAnswer";
import { broken, intact, MASTER, NEW, SLAVE, storage, view } from "../support/views";

const asks =
  (answers: boolean): Found["ask"] =>
  async (_, node) => ({ node, answers, evidence: answers ? "it answered" : "no answer" });

const found = (views: ManagerView[], answers = false, unreachable: Found["unreachable"] = []): Found => ({
  views,
  unreachable,
  ask: asks(answers),
});

/** A replacement as it is installed: no generated conf, no Mnesia files. */
const fresh = (node: string, partner: string): ManagerView =>
  view({ node, partner, role: "master", state: "down", files: [], health: undefined });

const started = (one: ManagerView): void => {
  one.manager.facts.conf.appConfig = "[].";
};

describe("a diagnosis", () => {
  it("of two managers that serve together is that nothing is wrong", async () => {
    const { kind, next } = await diagnose(found([view(), view({ node: SLAVE })]));
    expect([kind, next]).toEqual(["healthy", []]);
  });

  it("of two that serve apart is a split brain, and names no side", async () => {
    const pair = [view({ running: [MASTER] }), view({ node: SLAVE, running: [SLAVE] })];
    const { kind, inPlace } = await diagnose(found(pair));
    expect([kind, inPlace]).toEqual(["splitBrain", undefined]);
  });

  it("of one that is down with whole files is to start it", async () => {
    const down = view({ node: SLAVE, state: "down" }, started);
    const { kind, next } = await diagnose(found([view(), down]));
    expect(kind).toBe("start");
    expect(next[0]).toContain("leo_manager_1/bin/leo_manager start");
  });

  it.each([
    ["slave", SLAVE, MASTER],
    ["master", MASTER, SLAVE],
  ] as const)("of a %s with damaged files is a recovery in place from the other", async (_, bad, good) => {
    const damaged = view({ node: bad, state: "down", health: broken() }, started);
    const { kind, inPlace } = await diagnose(found([damaged, view({ node: good })]));
    expect([kind, inPlace?.damaged.manager.spec.node, inPlace?.donor.manager.spec.node]).toEqual([
      "inPlace",
      bad,
      good,
    ]);
  });

  it("of one that waits for ever beside one that serves is a recovery in place", async () => {
    const { kind, inPlace } = await diagnose(found([view({ state: "waiting" }), view({ node: SLAVE })]));
    expect([kind, inPlace?.damaged.manager.spec.node]).toEqual(["inPlace", MASTER]);
  });

  it("of two that are down with one good side is a recovery in place from it", async () => {
    const damaged = view({ state: "down", health: broken() }, started);
    const good = view({ node: SLAVE, state: "down", health: intact(SLAVE, MASTER) }, started);
    const { kind, inPlace } = await diagnose(found([damaged, good]));
    expect([kind, inPlace?.donor.manager.spec.node]).toEqual(["inPlace", SLAVE]);
  });

  it("of two that are down and whole is to start both", async () => {
    const pair = [view({ state: "down" }, started), view({ node: SLAVE, state: "down" }, started)];
    const { kind, next } = await diagnose(found(pair));
    expect(kind).toBe("bothDown");
    expect(next.slice(1)).toEqual([
      expect.stringContaining("/leofs/leo_manager_0/bin/leo_manager start`"),
      expect.stringContaining("/leofs/leo_manager_1/bin/leo_manager start`"),
    ]);
  });

  it("of two damaged ones is that a backup is needed", async () => {
    const pair = [MASTER, SLAVE].map((node) => view({ node, state: "down", health: broken() }, started));
    const { kind, next } = await diagnose(found(pair));
    expect([kind, next[0]]).toEqual(["bothDown", expect.stringContaining("from a backup")]);
  });

  it("of one that serves beside one that runs and says nothing is not clear, with what mends that", async () => {
    const stopped = view({ node: SLAVE, state: "silent" }, (one) => {
      one.silence = new NodeUnreachable(SLAVE, "it hangs", "mute");
    });
    const { kind, inPlace, next } = await diagnose(found([view(), stopped]));
    expect([kind, inPlace]).toEqual(["unclear", undefined]);
    expect(next.join()).toMatch(/kill -CONT.* Then diagnose again\..*else stop it/);
  });

  it("in the middle of a recovery is that alone, even where both serve", async () => {
    const halfWay = [{ directory: "/var/backups/leofs/production-one", changes: ["clear.a done"] }];
    const { kind, verdict, next } = await diagnose({ ...found([view(), view({ node: SLAVE })]), halfWay });
    expect([kind, verdict]).toEqual(["unclear", expect.stringMatching(/^A recovery is half-way/)]);
    expect(next[0]).toMatch(/`pulumi up` .*rollback: true/);
  });

  it("of files that are on a disc which is not mounted is to mount it", async () => {
    const away = view({ node: SLAVE, state: "down", files: [], health: undefined }, (one) => {
      started(one);
      Object.assign(one.mnesia, { exists: false, unmounted: "/data" });
    });
    const { kind, inPlace, next } = await diagnose(found([view(), away]));
    expect([kind, inPlace, next[0]]).toEqual([
      "unclear",
      undefined,
      expect.stringContaining("`mount /data`"),
    ]);
  });

  it("of a survivor and a replacement that was started and is empty again is a takeover", async () => {
    const empty = view(
      { node: NEW, partner: SLAVE, role: "master", state: "down", files: [], health: undefined },
      started,
    );
    const { kind, takeover, evidence } = await diagnose(found([view({ node: SLAVE }), empty]));
    expect([kind, takeover?.lost, takeover?.replacement?.manager.spec.node]).toEqual([
      "takeover",
      MASTER,
      NEW,
    ]);
    expect(evidence.join("\n")).toContain("was started before and holds no Mnesia files");
  });

  it("of a survivor and a replacement that made tables of its own says what became of it", async () => {
    const early = view({ node: NEW, partner: SLAVE, role: "master", state: "waiting" }, started);
    const { kind, next } = await diagnose(found([view({ node: SLAVE }), early]));
    expect([kind, next[0]]).toEqual([
      "unclear",
      expect.stringMatching(/take the place of manager_0@.*started too early/),
    ]);
  });

  it("never judges the files of a manager that runs and does not answer", async () => {
    const { kind, inPlace } = await diagnose(
      found([view({ state: "silent" }), view({ node: SLAVE, state: "down" }, started)]),
    );
    expect([kind, inPlace]).toEqual(["unclear", undefined]);
  });

  it("of a survivor alone is a takeover that still needs its replacement", async () => {
    const { kind, takeover, next } = await diagnose(
      found([view({ node: SLAVE })], false, [{ host: "m0", reason: "refused" }]),
    );
    expect([kind, takeover?.lost, takeover?.replacement]).toEqual(["takeover", MASTER, undefined]);
    expect(next[1]).toContain("install the same LeoFS on a new host");
  });

  it("of a survivor and a fresh installation is a takeover, ready to be written", async () => {
    const { kind, takeover } = await diagnose(found([view({ node: SLAVE }), fresh(NEW, SLAVE)]));
    expect([kind, takeover?.lost, takeover?.replacement?.manager.spec.node]).toEqual([
      "takeover",
      MASTER,
      NEW,
    ]);
  });

  it("of a survivor and a fresh installation under the lost one's name is a recovery in place", async () => {
    const { kind, inPlace } = await diagnose(found([view({ node: SLAVE }), fresh(MASTER, SLAVE)]));
    expect([kind, inPlace?.damaged.manager.spec.node]).toEqual(["inPlace", MASTER]);
  });

  it("is no takeover while the partner answers", async () => {
    const { kind, takeover } = await diagnose(found([view({ node: SLAVE })], true));
    expect([kind, takeover]).toEqual(["unclear", undefined]);
  });

  it("is no takeover while a host that is up could not be looked at", async () => {
    const refused = [{ host: "m0", reason: "m0 refused the login", up: true }];
    const { kind, takeover, next } = await diagnose(found([view({ node: SLAVE })], false, refused));
    expect([kind, takeover, next]).toEqual([
      "unclear",
      undefined,
      ["mend the way to m0, then diagnose again"],
    ]);
  });

  it("asks for the home where its host was looked at and nothing was found there", async () => {
    const nowhere = { ...found([view({ node: SLAVE })], true), empty: ["ops@m0:22"] };
    expect((await diagnose(nowhere)).next).toEqual([expect.stringContaining("--home PATH")]);
    const gone = await diagnose({ ...nowhere, ask: asks(false) });
    expect([gone.kind, gone.next[0]]).toEqual([
      "takeover",
      expect.stringContaining("give its home with --home PATH"),
    ]);
  });

  it("says whose host to mend where the partner answers and its own host does not", async () => {
    const gone = [{ host: "m0", reason: "no handshake" }];
    const { next } = await diagnose(found([view({ node: SLAVE })], true, gone));
    expect(next).toEqual(["mend the way to its host, then diagnose again"]);
  });

  it("is not clear when nobody could be asked whether the partner answers", async () => {
    const ask: Found["ask"] = async () => {
      throw new Error("m1 did not say within 15 s whether it answers");
    };
    const { kind, evidence, takeover } = await diagnose({ ...found([view({ node: SLAVE })]), ask });
    expect([kind, takeover]).toEqual(["unclear", undefined]);
    expect(evidence.at(-1)).toContain("did not say within 15 s");
  });

  it("is no takeover when the one that is left does not serve", async () => {
    const { kind, takeover } = await diagnose(found([view({ node: SLAVE, state: "waiting" })]));
    expect([kind, takeover]).toEqual(["bothDown", undefined]);
  });

  it.each([
    ["nothing was found", [], []],
    ["no host could be looked at", [], [{ host: "m0", reason: "refused" }]],
    ["only an installation that was never started", [fresh(NEW, SLAVE)], []],
    ["two masters", [view(), view({ node: SLAVE, role: "master" })], []],
    ["managers of two clusters", [view(), view({ node: SLAVE, partner: "manager_0@10.9.9.9" })], []],
    [
      "three homes with data",
      [view({}, started), view({ node: SLAVE }, started), view({ node: NEW, role: "master" }, started)],
      [],
    ],
  ])("says so when %s", async (_, views, unreachable) => {
    const { kind, verdict, next } = await diagnose(found(views, false, unreachable));
    expect([kind, verdict, next]).toEqual(["unclear", expect.stringMatching(/\.$/), expect.any(Array)]);
    expect(next.length).toBeGreaterThan(0);
  });
});

describe("the managers of one host", () => {
  const at = (home: string, state: "down" | "serving", change: (one: ManagerView) => void = started) =>
    view({ state }, (one) => {
      Object.assign(one.manager.spec, { home });
      change(one);
    });
  const homes = (views: readonly ManagerView[]) =>
    managersOfHost(views).map(({ manager }) => manager.spec.home);
  const CURRENT = "/usr/local/leofs/current/leo_manager_0";
  const OLD = "/usr/local/leofs/1.3.8/leo_manager_0";
  const NEWER = "/usr/local/leofs/1.4.3/leo_manager_0";

  it("are those in use, and not what an upgrade left behind under the same name", () => {
    const elsewhere = at(OLD, "serving", (one) => Object.assign(one.manager.facts, { runsFrom: NEWER }));
    expect(homes([elsewhere, at(NEWER, "serving")])).toEqual([NEWER]);
    expect(homes([at(CURRENT, "down"), at(OLD, "down")])).toEqual([CURRENT]);
    const untouched = view({ state: "down", files: [] }, (one) =>
      Object.assign(one.manager.spec, { home: NEWER }),
    );
    expect(homes([at(OLD, "down"), untouched])).toEqual([OLD]);
    expect(homes([at(OLD, "down"), at(NEWER, "down")])).toEqual([OLD, NEWER]);
  });

  it("are not the ones that a package brings beside them", () => {
    const shipped = fresh("manager_0@127.0.0.1", "manager_1@127.0.0.1");
    expect(managersOfHost([shipped, view({ node: SLAVE })])).toHaveLength(1);
    expect(managersOfHost([shipped])).toEqual([shipped]);
    expect(managersOfHost([fresh(NEW, SLAVE), shipped])).toHaveLength(1);
  });
});

describe("a recovery that is not over", () => {
  const incident = (at: string, ...done: string[]) => ({
    directories: [`/b/${at}`],
    journals: [{ begun: new Map(), done: new Map(done.map((name) => [name, { at }])) }],
  });

  it("is one that changed something, unless a later one is over", () => {
    const begun = incident("2026-11-26T10", "guard", "clear.manager_0@10.0.0.11");
    const proven = (at: string) => incident(at, "guard", "clear.manager_0@10.0.0.11", "proven");
    expect(notOver([begun])).toEqual([
      { directory: "/b/2026-11-26T10", changes: ["clear.manager_0@10.0.0.11 done"] },
    ]);
    expect(notOver([begun, proven("2026-11-26T09")])).toHaveLength(1);
    expect(notOver([begun, proven("2026-11-26T11")])).toEqual([]);
    expect(notOver([incident("2026-11-26T10", "guard", "dump")])).toEqual([]);
  });
});

describe("its screen", () => {
  it("fits its width, begins with what to do and names the nodes that do not answer", async () => {
    const nodes = [storage("storage_0"), storage("storage_1", false)];
    const views = [view({ nodes }), view({ node: SLAVE, state: "down", health: broken() }, started)];
    const text = diagnosisText(await diagnose(found(views)), views, { width: 72, colour: false });
    expect(text).toMatch(/^RECOVER IN PLACE {2}manager_1@10\.0\.0\.12 is to be recovered in place from\s/);
    expect(text).toContain("no answer from storage_1@10.0.0.31");
    expect(text.split("\n").filter((line) => line.length > 72)).toEqual([]);
  });

  it("keeps a command in one piece, to be copied, by the unit where there is one", async () => {
    const down = view({ node: SLAVE, state: "down" }, (one) => {
      started(one);
      one.manager.facts.unit = {
        name: "leofs-manager-slave.service",
        active: false,
        starts: true,
        mine: true,
        systemctl: "/usr/bin/systemctl",
      };
    });
    const text = async (views: ManagerView[]) =>
      diagnosisText(await diagnose(found(views)), views, { width: 60, colour: false });
    expect(await text([view(), down])).toMatch(/^ {2}.*systemctl start leofs-manager-slave\.service$/m);
    down.manager.facts.unit = undefined;
    expect(await text([view(), down])).toMatch(/^ {2}.*\/leofs\/leo_manager_1\/bin\/leo_manager start$/m);
  });
});
