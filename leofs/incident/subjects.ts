import { entries } from "./entries";
import { endedAtCheck, isBegun } from "./incident";
import type { Noted } from "./journal";

/** Whom a recovery is of. */
export interface Subjects {
  /** The two managers by node name, in any order. */
  nodes: readonly [string, string];
  /** The one whose data is the truth; undefined: it is not said, but found out. */
  good: string | undefined;
  /** The one whose place is taken; undefined: none, it is a recovery in place. */
  lost: string | undefined;
}

/** Whom an incident was begun with, as its check noted it; undefined: nothing was done beyond a check, or it is not noted. */
const begunWith = (journals: readonly Noted[]): Subjects | undefined =>
  isBegun(journals) ? checkedWith(journals) : undefined;

/** Whom the last check that passed was of; undefined: it is not noted. */
function checkedWith(journals: readonly Noted[]): Subjects | undefined {
  for (const journal of journals) {
    const { nodes: [one, two] = [], good, lost } = entries.check.done(journal) ?? {};
    if (one !== undefined && two !== undefined && good !== undefined)
      return { nodes: [one, two], good: good === 0 ? one : two, lost };
  }
  return undefined;
}

/** Why two managers are not those of an incident that was begun; undefined: they are, or it was not. */
export function otherPair(journals: readonly Noted[], nodes: readonly string[]): string | undefined {
  const then = begunWith(journals)?.nodes;
  return then === undefined || [...then].sort().join() === [...nodes].sort().join()
    ? undefined
    : `this incident was begun with ${then.join(" and ")}, and the settings name ${nodes.join(" and ")}. Name its own two managers again.`;
}

/**
 * What the settings say otherwise of an incident that was begun than they did then; undefined: nothing. Gone on with the
 * sides exchanged, what was to be recovered would be put in the place of the data.
 */
export function otherSubjects(journals: readonly Noted[], now: Subjects): string | undefined {
  const then = begunWith(journals);
  if (!then) return undefined;
  const same =
    otherPair(journals, now.nodes) === undefined &&
    (now.good ?? then.good) === then.good &&
    now.lost === then.lost;
  if (same) return undefined;
  const [proven] = journals.flatMap((journal) => entries.proven.done(journal) ?? []);
  // One that was proven goes neither on nor back.
  return proven
    ? `${otherwise(then, inWords(now))} It was proven at ${String(proven.at)} and is over: give a new incident name to recover again.`
    : begunOtherwise(then, inWords(now), "Say it again as it was, to go on with it.");
}

/** Whom a step of a recovery works on, as the settings say. */
export interface StepSubjects {
  /** The manager that it takes for the one with the data. Default: it works on the other one alone. */
  good?: string;
  /** The manager that is recovered, or new. Default: the step works on the one with the data alone. */
  other?: string;
}

/**
 * For a step of a recovery: the check that refuses other subjects may have been left out of the run.
 *
 * @throws when the last check that passed, as any of these hosts remembers it, was of others.
 */
export function requireSubjects(journals: readonly Noted[], { good, other }: StepSubjects): void {
  for (const journal of journals) {
    const then = checkedWith([journal]);
    if (!then) continue;
    const rest = then.nodes.find((node) => node !== then.good);
    if ((good ?? then.good) === then.good && (other ?? rest) === rest) continue;
    const now = good === undefined ? `${other} is recovered` : `${good} has the data`;
    const next =
      "Nothing was done. Say it again as it was, and run pulumi up with every resource (without --exclude and --target).";
    throw new Error(begunOtherwise(then, now, next));
  }
}

const otherwise = (then: Subjects, now: string): string =>
  `this incident was begun otherwise: ${inWords(then)}; the settings say now: ${now}.`;

/** @param next how to go on with the incident */
const begunOtherwise = (then: Subjects, now: string, next: string): string =>
  `${otherwise(then, now)} ${next} If that was wrong, roll it back as it was (rollback: true), then recover under a new incident.`;

function inWords({ nodes, good, lost }: Subjects): string {
  if (good === undefined) return `recovery in place of ${nodes.join(" or ")}`;
  const other = nodes.find((node) => node !== good);
  return lost === undefined
    ? `${good} has the good files, ${other} is recovered from it`
    : `${good} has the data, ${other} takes the place of ${lost}`;
}

/** A manager of an incident, and where its host remembers that. */
interface Remembering {
  journal: Noted;
  node: string;
  /** `DIRECTORY on HOST`. */
  where: string;
  /** It is down, and there are no Mnesia files: its host was installed again, so that nothing of it can be lost. */
  blank: boolean;
}

/**
 * Why an incident can go neither on nor back: the host of one manager has no journal of it, and the other one's says that it
 * was begun. A check notes itself on both before anything is done, so it was there; what was done to that manager would be
 * done again. Undefined: it can, also where that manager was to get the data and has none: its host was installed again.
 */
export function goneJournal(pair: readonly Remembering[]): string | undefined {
  const checked = ({ journal }: Remembering) => entries.check.isDone(journal);
  const [gone, there] = [pair.find((one) => !checked(one)), pair.find(checked)];
  const journals = pair.map(({ journal }) => journal);
  if (!gone || !there || endedAtCheck(journals)) return undefined;
  if (gone.blank && begunWith(journals)?.good === there.node) return undefined;
  return `this incident was begun, as ${there.where} says, but there is no journal of it in ${gone.where}: what was done to ${gone.node} is not known, and would be done again. Is that another directory than then, or is its file system not mounted? Set that right. If the journal is gone for good, this incident can go neither on nor back: look at both managers, then give a new incident name if there is still something to recover.`;
}

/**
 * Why a takeover can go neither on nor back: its survivor was cleared for this very incident, and no host remembers it.
 * Begun from the start, what the new pair has would be the data. Undefined: it can.
 *
 * @param movedTo where the survivor's files of then are; undefined: they were not moved
 */
export function journalsGone(
  journals: readonly Noted[],
  { node, where, directory }: { node: string; where: string; directory: string },
  movedTo: string | undefined,
): string | undefined {
  if (movedTo === undefined || isBegun(journals)) return undefined;
  return `the files of ${node} were moved aside for this very incident (${movedTo}), and no host has a journal of that: ${where} says nothing. Whether ${node} has the data by now, or new tables without it, is not known. Is that another directory than then, or is its file system not mounted? Set that right. If the journal is gone for good, see with get-users whether all users are there: then that recovery is over. If not, stop both managers, move ${directory} elsewhere and ${movedTo} to its place, then give a new incident name.`;
}
