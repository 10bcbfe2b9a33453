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

test("in place, online: the backup of the damaged files, which failed, left out of the next run", async () => {
  for (const at of CALLS) {
    const first: UpPlan = { ...UP, fault: { at, thirds: 0, how: "lost" } };
    const next: UpPlan = { ...UP, excluded: [3] };
    await play({ ...HISTORY, scenario: { ...IN_PLACE, method: "online" }, ups: [first, next] });
  }
});

test("a check that ended before it passed, left out of the next run: nothing is done by it", async () => {
  const scenario = { kind: "takeover", method: "offline" } as const;
  for (const at of CALLS) {
    const first: UpPlan = { ...UP, slow: true, fault: { at, thirds: 0, how: "lost" } };
    const next: UpPlan = killed(80, 0, { ...UP, excluded: [0], writes: [{ at: 80, what: "add", which: 0 }] });
    const played = await play({ ...HISTORY, scenario, ups: [first, next] });
    expect(played.ups).toBeGreaterThan(2);
  }
});
