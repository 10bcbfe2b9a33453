import fc from "fast-check";
import type { Method } from "../../recovery/recipe";
import type { Circumstances, Fault, VmFault, Write } from "./circumstances";

/** What an operator does by hand between two runs, to the first or the second of the two managers, or to the one that moves. */
export interface HandStep {
  what: "start" | "stop" | "failStart" | "storage" | "write";
  which: 0 | 1 | 2;
}

/** What the settings say otherwise than at first. */
export interface Changed {
  method?: Method;
  donor?: 0 | 1 | "auto";
  onFailure?: "rollback";
}

/** One `pulumi up` of a history. */
export interface UpPlan {
  byHand: HandStep[];
  /** The state was lost: a fresh checkout, another operator. */
  stateLost: boolean;
  /** Steps, by their place in the recipe, whose resources are in the state no more (`pulumi state delete`). */
  forgotten: number[];
  /** Steps that this run leaves as they are (`--exclude`). */
  excluded: number[];
  changed: Changed | undefined;
  refresh: boolean;
  /** The looks for the plan do not come back in time: the hosts are slow to let anybody in. */
  slow: boolean;
  fault: Fault | undefined;
  /** What befalls the temporary VM of an online recovery. */
  vmFault: VmFault | undefined;
  writes: Write[];
}

/** What became of a manager's files while it was down; `behind`: nothing, they are only older than the other's. */
export type Damage = "behind" | "cut" | "lacking" | "emptied" | "gone";

/** What happened to the pair, and how the operator calls it. */
export type Scenario =
  | { kind: "takeover"; method: Method }
  /** The one that moves is alive. */
  | { kind: "move"; method: Method }
  | {
      kind: "inPlace";
      method: Method;
      damage: Damage;
      /** The one with the good files runs when the recovery begins. */
      donorRuns: boolean;
      /** The operator names the donor, instead of having it found out. */
      named: boolean;
      /** The one with the good files is the first of the two in the settings. */
      donorFirst: boolean;
    };

/** Everything that is not decided by the product. */
export interface History {
  scenario: Scenario;
  /** The role of the manager that has the data. */
  goodRole: "master" | "slave";
  /** Somebody deleted LeoFS's test user, whose keys are public. */
  testUserGone: boolean;
  /** The backup directory of both managers of the pair is one, on a share of the network. Default: each has its own. */
  shared?: boolean;
  /** A recovery that is not over by then is rolled back after its `up`s, and what befalls that. */
  rollback: Partial<Circumstances> | undefined;
  ups: UpPlan[];
}

/** Calls of an undisturbed `up` are fewer than this. */
const CALLS = 160;
/** Calls while a temporary VM runs are fewer than this. */
const VM_CALLS = 16;

const MOVE: fc.Arbitrary<Scenario> = fc.constant({ kind: "move", method: "online" });

const scenarioOf = (method: fc.Arbitrary<Method>): fc.Arbitrary<Scenario> =>
  fc.oneof(
    fc.record({ kind: fc.constant("takeover" as const), method }),
    fc.record({
      kind: fc.constant("inPlace" as const),
      method,
      damage: fc.constantFrom<Damage>("behind", "cut", "lacking", "emptied", "gone"),
      donorRuns: fc.boolean(),
      named: fc.boolean(),
      donorFirst: fc.boolean(),
    }),
  );

const write: fc.Arbitrary<Write> = fc.record({
  at: fc.integer({ min: 1, max: CALLS }),
  what: fc.constantFrom("add", "change", "remove"),
  which: fc.nat(3),
});

const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.integer({ min: 1, max: CALLS }),
  thirds: fc.nat(3),
  how: fc.constantFrom("killed", "lost"),
});

const vmFault: fc.Arbitrary<VmFault> = fc.record({
  at: fc.integer({ min: 1, max: VM_CALLS }),
  how: fc.constantFrom("killed", "hung", "cut off"),
});

const handStep: fc.Arbitrary<HandStep> = fc.record({
  what: fc.constantFrom("start", "stop", "failStart", "storage", "write"),
  which: fc.constantFrom(0, 1, 2),
});

const changed: fc.Arbitrary<Changed> = fc.record(
  {
    method: fc.constantFrom<Method>("offline", "online"),
    donor: fc.constantFrom<0 | 1 | "auto">(0, 1, "auto"),
    onFailure: fc.constant("rollback" as const),
  },
  { requiredKeys: [] },
);

/** Some steps of a recipe: mostly none. */
const someSteps: fc.Arbitrary<number[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: fc.array(fc.nat(12), { maxLength: 3 }) },
);

const upPlan: fc.Arbitrary<UpPlan> = fc.record({
  byHand: fc.array(handStep, { maxLength: 3 }),
  stateLost: fc.boolean(),
  forgotten: someSteps,
  excluded: someSteps,
  changed: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: changed }),
  refresh: fc.boolean(),
  slow: fc.nat(3).map((n) => n === 3),
  fault: fc.option(fault, { nil: undefined, freq: 8 }),
  vmFault: fc.option(vmFault, { nil: undefined, freq: 2 }),
  writes: fc
    .array(write, { maxLength: 4 })
    .map((writes) => [...writes].sort((one, other) => one.at - other.at)),
});

const historyBy = (scenario: fc.Arbitrary<Scenario>): fc.Arbitrary<History> =>
  fc.record({
    scenario,
    goodRole: fc.constantFrom("master", "slave"),
    testUserGone: fc.boolean(),
    shared: fc.nat(5).map((n) => n === 0),
    rollback: fc.option(fc.record({ fault: fc.option(fault, { nil: undefined }) }), {
      nil: undefined,
      freq: 2,
    }),
    ups: fc.oneof(
      { weight: 4, arbitrary: fc.array(upPlan, { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(upPlan, { minLength: 3, maxLength: 3 }) },
    ),
  });

/** Which histories are played: recoveries with that method, or moves, which are online. */
export type Kind = Method | "move";

const BY_KIND: Record<Kind, fc.Arbitrary<History>> = {
  offline: historyBy(scenarioOf(fc.constant("offline"))),
  online: historyBy(scenarioOf(fc.constant("online"))),
  move: historyBy(MOVE),
};
const ANY = historyBy(
  fc.oneof(
    { weight: 5, arbitrary: scenarioOf(fc.constantFrom<Method>("offline", "online")) },
    { weight: 1, arbitrary: MOVE },
  ),
);

/** Histories of one kind; default: of all. */
export const historyOf = (kind?: Kind): fc.Arbitrary<History> => (kind ? BY_KIND[kind] : ANY);
