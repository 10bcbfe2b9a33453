import { entries, kindOf, type Noted } from "./entries";

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

/** The choice that the journal of either host has kept. */
export function decidedBefore(views: readonly { journal: Noted }[]): Choice | undefined {
  for (const { journal } of views) {
    const { good, master, why } = entries.check.done(journal) ?? {};
    if (good !== undefined && master !== undefined) return { good, master, why: String(why) };
  }
  return undefined;
}

/** The method that an incident was begun with. */
export const methodOf = (journals: readonly Noted[]): "offline" | "online" =>
  journals.some((journal) => entries.check.done(journal)?.method === "online") ? "online" : "offline";

/**
 * Whether an incident has come to anything beyond its check: until then the pair is as its users left it, and
 * everything is looked at again, since hours may lie between two runs.
 */
export function isBegun(journals: readonly Noted[]): boolean {
  const ofCheck = (name: string) => ["check", "before", "fence"].includes(kindOf(name)?.kind ?? "");
  return journals.some(({ begun, done }) => [...begun.keys(), ...done.keys()].some((step) => !ofCheck(step)));
}
