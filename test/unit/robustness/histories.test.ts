import { expect, test } from "vitest";
import type { HandStep, History, UpPlan } from "../../../robustness/simulation/history";
import { play } from "../../../robustness/simulation/simulate";

/*
 * Histories that once ended in something that must never be, with the recovery killed at each remote call that it might
 * have come to.
 */
const UP: UpPlan = {
  byHand: [],
  stateLost: false,
  forgotten: [],
  excluded: [],
  changed: undefined,
  refresh: false,
  slow: false,
  fault: undefined,
  vmFault: undefined,
  writes: [],
};
const HISTORY = { goodRole: "master", testUserGone: false, rollback: undefined } as const;
const byHand = (...steps: HandStep[]): UpPlan => ({ ...UP, byHand: steps });
const killed = (at: number, thirds: number, up: UpPlan = UP): UpPlan => ({
  ...up,
  fault: { at, thirds, how: "killed" },
});
const CALLS = Array.from({ length: 45 }, (_, number) => 40 + 2 * number);

const IN_PLACE = {
  kind: "inPlace",
  damage: "behind",
  donorRuns: true,
  named: false,
  donorFirst: true,
} as const;
const scenarios: [string, History["scenario"], 1 | 2][] = [
  ["takeover: the lost manager", { kind: "takeover", method: "offline" }, 2],
  ["in place: the damaged manager", { ...IN_PLACE, method: "offline" }, 1],
  ["in place, online: the damaged manager", { ...IN_PLACE, method: "online" }, 1],
];

test.each(scenarios)(
  "%s runs last, beside nobody, while a recovery is half-way",
  async (_, scenario, which) => {
    const steps: HandStep[] = [
      { what: "start", which },
      { what: "stop", which: 0 },
      { what: "write", which: 0 },
    ];
    for (const at of CALLS) {
      const last = byHand({ what: "stop", which });
      await play({ ...HISTORY, scenario, ups: [killed(at, 3), killed(1, 0, byHand(...steps)), last] });
    }
  },
);

test.each(["online", "offline"] as const)(
  "in place, %s: the backup of the damaged files, which failed, left out of the next run",
  async (method) => {
    for (const at of CALLS) {
      const first: UpPlan = { ...UP, fault: { at, thirds: 0, how: "lost" } };
      const next: UpPlan = { ...UP, excluded: [3] };
      await play({ ...HISTORY, scenario: { ...IN_PLACE, method }, ups: [first, next] });
    }
  },
);

test("takeover: the replacement's files, whose backup failed, left out of a run that starts the pair", async () => {
  const scenario = { kind: "takeover", method: "offline" } as const;
  for (let at = 80; at <= 100; at += 1) {
    const first: UpPlan = { ...UP, fault: { at, thirds: 0, how: "lost" } };
    await play({ ...HISTORY, scenario, ups: [first, { ...UP, excluded: [4, 10] }] });
  }
});

test.each([
  ["online", [0]],
  ["offline", [0]],
  ["offline", [0, 1]],
] as const)(
  "in place, %s: the other manager named as the donor, steps %j left out, what was made after them forgotten",
  async (method, excluded) => {
    const forgotten = [1, 2, 3, 4, 5].filter((at) => !(excluded as readonly number[]).includes(at));
    for (const named of [true, false])
      for (const at of [...CALLS, 150, 170]) {
        const asked: UpPlan = { ...UP, forgotten, excluded: [...excluded], changed: { donor: 1 } };
        await play({ ...HISTORY, scenario: { ...IN_PLACE, method, named }, ups: [killed(at, 0), asked, UP] });
      }
  },
);

test("a check that ended before it passed, left out of the next run: nothing is done by it", async () => {
  const scenario = { kind: "takeover", method: "offline" } as const;
  for (const at of CALLS) {
    const first: UpPlan = { ...UP, slow: true, fault: { at, thirds: 0, how: "lost" } };
    const next: UpPlan = killed(80, 0, { ...UP, excluded: [0], writes: [{ at: 80, what: "add", which: 0 }] });
    const played = await play({ ...HISTORY, scenario, ups: [first, next] });
    expect(played.ups).toBeGreaterThan(2);
  }
});

test("in place: the damaged manager started where the first run ended, and users write during the next one", async () => {
  for (let at = 52; at <= 60; at += 1)
    for (let write = 30; write <= 44; write += 2) {
      const next = byHand({ what: "start", which: 1 });
      await play({
        ...HISTORY,
        scenario: { ...IN_PLACE, method: "offline", donorFirst: false },
        ups: [killed(at, 0), { ...next, writes: [{ at: write, what: "add", which: 0 }] }],
      });
    }
});

test.each<[string, History["scenario"]]>([
  ["online", { kind: "takeover", method: "online" }],
  ["move", { kind: "move", method: "online" }],
])(
  "%s: the replacement whose temporary VM was killed is started by hand, and runs last",
  async (_, scenario) => {
    const hands = byHand({ what: "start", which: 1 }, { what: "stop", which: 0 }, { what: "stop", which: 1 });
    for (let at = 1; at <= 25; at += 1) {
      const first: UpPlan = { ...UP, vmFault: { at, how: "killed" } };
      await play({ ...HISTORY, scenario, ups: [first, hands] });
    }
  },
);

test.each<["online" | "offline", "online" | "offline"]>([
  ["online", "offline"],
  ["offline", "online"],
])("begun %s, then %s asked for with the check left out", async (method, other) => {
  const asked: UpPlan = { ...UP, excluded: [0], changed: { method: other } };
  for (const scenario of [{ kind: "takeover", method } as const, { ...IN_PLACE, method }])
    for (const first of [UP, killed(95, 0)]) await play({ ...HISTORY, scenario, ups: [first, asked, UP] });
});

test("a rollback of a move, ended; the manager that stays was stopped meanwhile", async () => {
  for (let at = 110; at <= 190; at += 2) {
    const first: UpPlan = {
      ...killed(at, 0),
      changed: { onFailure: "rollback" },
      vmFault: { at: 8, how: "hung" },
    };
    const next = byHand({ what: "stop", which: 0 });
    await play({ ...HISTORY, scenario: { kind: "move", method: "online" }, ups: [first, next] });
  }
});

test("a move whose temporary VM was killed; the manager that stays, then the one that moves stopped by hand", async () => {
  const hands = byHand({ what: "stop", which: 0 }, { what: "stop", which: 2 });
  for (let at = 1; at <= 12; at += 1) {
    const first: UpPlan = { ...UP, vmFault: { at, how: "killed" } };
    await play({ ...HISTORY, scenario: { kind: "move", method: "online" }, ups: [first, hands] });
  }
});

test("a move whose replica was noted and taken back, made again in a run that ended at its last copies", async () => {
  for (let lost = 136; lost <= 142; lost += 1)
    for (let at = 48; at <= 62; at += 1) {
      const first: UpPlan = { ...UP, fault: { at: lost, thirds: 3, how: "lost" } };
      const ups = [first, killed(at, 3)];
      await play({ ...HISTORY, scenario: { kind: "move", method: "online" }, ups });
    }
});

test("a load whose last part was not made, left out of the next run: nothing is proven", async () => {
  const scenario = { kind: "takeover", method: "offline" } as const;
  const next: UpPlan = { ...UP, excluded: [11, 0], refresh: true };
  for (let at = 125; at <= 160; at += 1) {
    const first: UpPlan = { ...UP, fault: { at, thirds: 2, how: "lost" } };
    await play({ ...HISTORY, scenario, ups: [first, next] });
  }
});

test("a move that ended before its fence was up; the one that moves was started again, then rolled back", async () => {
  const next: UpPlan = { ...byHand({ what: "start", which: 2 }), vmFault: { at: 1, how: "killed" } };
  for (let at = 118; at <= 130; at += 1)
    for (const thirds of [0, 3]) {
      const scenario = { kind: "move", method: "online" } as const;
      await play({ ...HISTORY, scenario, rollback: {}, ups: [killed(at, thirds), next] });
    }
});

test("a check that ended between the two hosts, rolled back, and that ended between them, too", async () => {
  for (const donorFirst of [true, false])
    for (let at = 35; at <= 39; at += 1)
      for (let ended = 45; ended <= 65; ended += 1) {
        const scenario = { ...IN_PLACE, method: "offline", donorFirst } as const;
        const rollback = { fault: { at: ended, thirds: 3, how: "killed" } } as const;
        await play({ ...HISTORY, scenario, rollback, ups: [killed(at, 0)] });
      }
});

test("the lost manager was back and ran last, then a takeover that was begun is rolled back", async () => {
  const scenario = { kind: "takeover", method: "offline" } as const;
  const first = byHand({ what: "start", which: 1 });
  const next = byHand({ what: "start", which: 2 }, { what: "stop", which: 0 }, { what: "stop", which: 2 });
  for (let at = 44; at <= 60; at += 1)
    await play({ ...HISTORY, scenario, rollback: {}, ups: [killed(at, 0, first), next] });
});

test("in place, offline, ended; the damaged manager started and the donor stopped by hand, then rolled back", async () => {
  const hands = byHand({ what: "start", which: 1 }, { what: "stop", which: 0 });
  const scenario = { ...IN_PLACE, method: "offline" } as const;
  for (let at = 40; at <= 70; at += 1)
    await play({ ...HISTORY, scenario, rollback: {}, ups: [killed(at, 3), { ...hands, excluded: [0] }] });
});

test("a replacement's files, whose backup failed and was left out of the run that proved the pair", async () => {
  const scenario = { kind: "takeover", method: "offline" } as const;
  for (let at = 88; at <= 104; at += 1) {
    const first: UpPlan = { ...UP, fault: { at, thirds: 0, how: "lost" } };
    await play({ ...HISTORY, scenario, ups: [first, { ...UP, excluded: [4] }, { ...UP, changed: {} }] });
  }
});
