import { type EntryKind, entries } from "./entries";
import type { Noted } from "./journal";
import { allOf, kindOf } from "./notedEntry";

/** How far an incident is, in the order of a recovery, with what that means for the pair. */
export const PHASES = {
  new: "nothing is noted on any host",
  checked:
    "checked, and noted how the pair was; the lost manager may be fenced. The pair is as its users left it",
  "backed up":
    "a dump, or the files of a manager that was down anyway, are kept. Nothing that LeoFS uses is changed",
  stopped: "something is changed: a manager was stopped, or a later step has begun and is not done",
  cleared: "a manager's files were moved aside",
  partnered: "a conf names the new partner",
  "has its data":
    "the dump is loaded, the donor's files are in place, or the replica is made. Started, if both run",
  proven: "the pair was proven whole. The recovery is over",
  "rolling back": "a rollback was begun: the recovery does not go on",
  "rolled back":
    "a rollback is done, on one host at least, or another incident began before anything was changed",
} as const;

export type Phase = keyof typeof PHASES;

const ORDER = Object.keys(PHASES) as Phase[];

/** The phase of entries that say of looks, decisions and backups: what they note changed nothing that LeoFS uses. */
const HARMLESS: Partial<Record<EntryKind, Phase>> = {
  check: "checked",
  before: "checked",
  fence: "checked",
  dump: "backed up",
  copied: "backed up",
  files: "backed up",
  final: "backed up",
};

/** The phase that other entries prove once they are done. Begun, or not named here, each proves that something is changed. */
const PROVES: Partial<Record<EntryKind, Phase>> = {
  clear: "cleared",
  partner: "partnered",
  given: "has its data",
  restore: "has its data",
  replica: "has its data",
  load: "has its data",
  proven: "proven",
  rollback: "rolled back",
};

/** How far an entry shows that its incident is. */
function shownBy(name: string, done: boolean): Phase {
  const { kind } = kindOf(name) ?? {};
  if (kind === "rollback" && !done) return "rolling back";
  return (kind && (HARMLESS[kind] ?? (done && PROVES[kind]))) || "stopped";
}

/** How far an incident is by what its hosts remember: the furthest that any of them noted. */
export function phaseOf(journals: readonly Noted[]): Phase {
  let furthest = 0;
  for (const { begun, done } of journals) {
    for (const name of begun.keys()) furthest = Math.max(furthest, ORDER.indexOf(shownBy(name, false)));
    for (const name of done.keys()) furthest = Math.max(furthest, ORDER.indexOf(shownBy(name, true)));
  }
  return ORDER[furthest]!;
}

/** Whether an incident is that far, or further. */
export const hasReached = (journals: readonly Noted[], phase: Phase): boolean =>
  ORDER.indexOf(phaseOf(journals)) >= ORDER.indexOf(phase);

/**
 * Whether an incident has come to anything beyond its check: until then the pair is as its users left it, and
 * everything is looked at again, since hours may lie between two runs.
 */
export const isBegun = (journals: readonly Noted[]): boolean => hasReached(journals, "backed up");

/** Whether an incident never came to anything beyond its check, whether or not that was noted as rolled back. */
export const endedAtCheck = (journals: readonly Noted[]): boolean =>
  journals
    .flatMap(allOf)
    .every(({ kind }) => kind === "rollback" || (kind !== undefined && HARMLESS[kind] === "checked"));

/** Whether its recovery is over without having recovered: no step of it may go on. */
export const isGivenUp = (journals: readonly Noted[]): boolean => hasReached(journals, "rolling back");

/**
 * Ends a step of a recovery whose incident is rolled back, or about to be.
 *
 * @throws when the journal of the step's host says so.
 */
export function refuseRolledBack(journal: Noted, incident: string): void {
  if (!isGivenUp([journal])) return;
  const how = entries.rollback.isDone(journal)
    ? "was rolled back"
    : "is being rolled back (rollback: true finishes that)";
  throw new Error(
    `the incident ${incident} ${how}: its recovery does not go on. Give a new incident name to recover again.`,
  );
}

/** Whether an incident has changed something and is neither proven nor rolled back. */
export const isUnfinished = (journals: readonly Noted[]): boolean =>
  !journals.some((journal) => entries.proven.isDone(journal) || entries.rollback.isDone(journal)) &&
  journals.some((journal) => changesOf(journal).length > 0);

/** What an incident has changed on a host, by its entries' names: what is more than a look, a decision or a backup. */
export function changesOf(journal: Noted): string[] {
  const all = new Map(allOf(journal).map((one) => [one.name, one]));
  const changes = [...all.values()].filter(({ kind, of }) =>
    // A fence that could not be put up, or is lifted, holds nobody.
    kind === "fence"
      ? entries.fence(of).done(journal)?.state === "up"
      : kind === undefined || HARMLESS[kind] === undefined,
  );
  return changes.map(({ name, done }) => `${name} ${done ? "done" : "begun"}`).sort();
}

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

/**
 * The choice that the journal of either host has kept.
 *
 * @param nodes the two managers by node name, in the order of the settings: they need not be in that of then
 */
export function decidedBefore(
  journals: readonly Noted[],
  nodes: readonly [string, string],
): Choice | undefined {
  for (const journal of journals) {
    const { good, master, why, nodes: then = [] } = entries.check.done(journal) ?? {};
    if (good === undefined || master === undefined) continue;
    const placeNow = (side: 0 | 1): 0 | 1 => {
      const place = nodes.indexOf(then[side] ?? "");
      return place === 0 || place === 1 ? place : side;
    };
    return { good: placeNow(good), master: placeNow(master), why: String(why) };
  }
  return undefined;
}

/** The method that an incident was begun with. */
export const methodOf = (journals: readonly Noted[]): "offline" | "online" =>
  journals.some((journal) => entries.check.done(journal)?.method === "online") ? "online" : "offline";

/** A manager of an incident, and what its host remembers. */
export interface Of {
  journal: Noted;
  node: string;
}

/** Whether a manager's own files are out of their place by now, noted so: what comes in their place is this incident's. */
export const isReplaced = ({ journal, node }: Of): boolean =>
  entries.clear(node).isDone(journal) || entries.restore(node).isDone(journal);

/** Whether a manager was given its data: the donor's files or, where both were cleared, the dump. */
export const hasDataBack = (node: string, journals: readonly Noted[]): boolean =>
  journals.some((journal) => entries.load.isDone(journal) || entries.restore(node).isDone(journal));

/** Whether nothing more is done to the managers' files while they are stopped: both, if they run, were started by the recovery. */
export const isReadyToStart = (pair: readonly Of[]): boolean =>
  pair.every(({ journal, node }) => entries.clear(node).isDone(journal)) ||
  pair.some(
    ({ journal, node }) => entries.restore(node).isDone(journal) || entries.replica(node).isDone(journal),
  );

/**
 * Whether nothing more is done to a manager's files: they were moved aside, or given to the other one, or it was made a
 * replica. It may run again, and is left alone; one that runs before that was started by hand, and is stopped.
 *
 * @param moved they were moved aside, noted or not
 */
export const isSettled = ({ journal, node }: Of, moved: boolean): boolean =>
  moved ||
  entries.replica(node).isDone(journal) ||
  allOf(journal).some(({ kind, of, done }) => done && kind === "given" && of !== node);
