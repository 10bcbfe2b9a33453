import { describe, expect, it } from "vitest";
import { diagnose } from "../../../cli/diagnose/diagnose";
import type { Found } from "../../../cli/diagnose/diagnosis";
import { diagnosisText } from "../../../cli/diagnose/screen";
import type { ManagerView } from "../../../leofs/checks/view";
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
