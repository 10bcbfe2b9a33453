import type { Method } from "../leofs/checks/recoveryCase";
import type { Choice } from "../leofs/incident/incident";
import type { ProviderName } from "../providers/contract/resource";
import type { Common, ManagerTarget } from "../providers/targets/arguments";
import type { ServiceStep } from "./serviceStep";

/** The two managers by what they are in a recovery: `good` has the data, `other` is made from it. */
export interface Sides {
  good: ManagerTarget;
  other: ManagerTarget;
}

/** The two managers of a recovery, by side and by role. */
export interface RecoveryPair extends Sides {
  master: ManagerTarget;
  slave: ManagerTarget;
}

/** A manager whose place in the recovery may only be known once the check has looked. */
export type Side = keyof Sides;

/** An input that only earlier steps make known: made of outputs of theirs, each `step.output`. */
export class Later {
  constructor(
    readonly outputs: readonly string[],
    readonly value: (...outputs: unknown[]) => unknown,
  ) {}
}

/** An input that is an output of an earlier step: `step.output`. */
export const output = (name: string): Later => new Later([name], (value) => value);
/** An input that is the first of some outputs that is not empty. */
export const firstOf = (...names: string[]): Later =>
  new Later(names, (...values) => values.find(Boolean) ?? values.at(-1));

/** One of the two managers as an input. */
export class OfSide {
  constructor(readonly side: Side) {}
}
export const good = new OfSide("good");
export const other = new OfSide("other");

export type { Method };

/** What a step makes: a resource with its inputs, or a service command. */
export type Deed =
  | { resource: Exclude<ProviderName, "recoveryRollback">; inputs: Record<string, unknown> }
  | { service: (sides: Sides) => ServiceStep };

/** A step of a recovery. */
export interface Step {
  /** Its name within the recovery; with the cluster's before it, the name of its resource. */
  name: string;
  /** Names of the steps it waits for. */
  after: readonly string[];
  /** Its line in the plan. Undefined: the line of the step before says it too. */
  title?: string | ((pair: RecoveryPair) => string);
  /** What the outputs say of it besides, and the screen leaves out. Default: nothing. */
  detail?: (pair: RecoveryPair) => string;
  /** Inputs may hold `good`, `other`, `output(...)` and `firstOf(...)` at any depth. */
  make: Deed;
}

/** A recovery as data: Pulumi's component, the runbook and the simulation carry out the same list. */
export interface Recipe extends Common {
  managers: readonly [ManagerTarget, ManagerTarget];
  /** Index of the manager that has the good data; undefined: the one that the step `check` chooses. */
  good: 0 | 1 | undefined;
  /** What is at risk while it is carried out, for a person who decides: one line of the plan. */
  risk: string;
  /** In an order in which each step comes after those it waits for. The first is the check, the last the proof. */
  steps: readonly Step[];
}

/** What every recovery has in common for a person who decides. */
const KEPT =
  "No data: originals are moved aside once their backup is proven, and nothing is deleted. A run that is ended anywhere goes on with pulumi up, or back with rollback: true.";

/** Both managers are stopped meanwhile. */
export const OFFLINE_RISK = `${KEPT} Nobody can make a user or a bucket during the outage; S3 goes on.`;
/** The manager with the data serves meanwhile. */
export const ONLINE_RISK = `${KEPT} The serving manager is never stopped; a single write may wait longer.`;

/** Name of the first step of every recipe. */
export const CHECK = "check";

/** The first step of every recipe: may the recovery start. */
export const checkStep = (inputs: Record<string, unknown>): Step => ({
  name: CHECK,
  after: [],
  title: "check both managers",
  make: { resource: "recoveryCheck", inputs },
});

/** The two managers when that side is the good one. */
export const sidesOf = ({ managers }: Pick<Recipe, "managers">, side: 0 | 1): Sides => ({
  good: managers[side],
  other: managers[side === 0 ? 1 : 0],
});

/** The two managers as the check chose. */
export function pairOf(recipe: Recipe, choice: Choice): RecoveryPair {
  const sides = sidesOf(recipe, recipe.good ?? choice.good);
  const master = recipe.managers[choice.master];
  return { ...sides, master, slave: recipe.managers[choice.master === 0 ? 1 : 0] };
}

/** Inputs with everything in them that the recipe leaves open replaced. */
export function filledIn(value: unknown, fill: (open: Later | OfSide) => unknown): unknown {
  if (value instanceof Later || value instanceof OfSide) return fill(value);
  if (Array.isArray(value)) return value.map((one) => filledIn(one, fill));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, fill)]));
}
