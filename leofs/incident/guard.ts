import { beforeStep } from "./before";
import { isFenceStep } from "./fence";
import type { Journal } from "./journal";

/** What was decided from what was seen, and by what. */
export interface Choice {
  /** Index of the manager whose data is the truth: the survivor, or the donor. */
  good: 0 | 1;
  /** Index of the master of the pair as it will be. */
  master: 0 | 1;
  why: string;
  /** Nobody could look: said for the plan only, and never to be acted on. */
  guess?: true;
}

/** Journal entry that says what was decided when an incident was begun. */
export const GUARD_STEP = "guard";

/** The choice that the journal of either host has kept. */
export function decidedBefore(views: readonly { journal: Journal }[]): Choice | undefined {
  for (const { journal } of views) {
    const { good, master, why } = journal.done.get(GUARD_STEP) ?? {};
    if ((good === 0 || good === 1) && (master === 0 || master === 1))
      return { good, master, why: String(why) };
  }
  return undefined;
}

/** The method that an incident was begun with. */
export const methodOf = (journals: readonly Journal[]): "offline" | "online" =>
  journals.some(({ done }) => done.get(GUARD_STEP)?.method === "online") ? "online" : "offline";

/**
 * Whether an incident has come to anything beyond its check: until then the pair is as its users left it, and
 * everything is looked at again, since hours may lie between two runs.
 */
export function isBegun(journals: readonly Journal[]): boolean {
  const ofCheck = (step: string) =>
    step === GUARD_STEP || step.startsWith(beforeStep("")) || isFenceStep(step);
  return journals.some(({ begun, done }) => [...begun.keys(), ...done.keys()].some((step) => !ofCheck(step)));
}
