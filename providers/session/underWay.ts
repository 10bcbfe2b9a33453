import { entries } from "../../leofs/incident/entries";
import { isGivenUp } from "../../leofs/incident/incident";
import type { Journal } from "../../leofs/incident/journal";
import type { Manager } from "../../leofs/manager/manager";
import type { Common, ManagerTarget } from "../targets/arguments";
import { tried } from "./looks";
import type { Session } from "./session";

/** A manager whose recovery is under way, and what its host remembers. */
export interface UnderWay {
  manager: Manager;
  journal: Journal;
}

/**
 * A manager for what the state has as made: undefined where its recovery is over, was not checked there, or where its host
 * cannot be looked at.
 */
export async function underWay(
  session: Session,
  target: ManagerTarget,
  common: Common,
): Promise<UnderWay | undefined> {
  const look = await session.glance(target, common);
  if ("problem" in look) return undefined;
  const { manager, journal } = look.seen;
  // The look may be older than the check of this run, which notes itself.
  const read = entries.check.isDone(journal)
    ? { seen: journal }
    : await tried(async () => (await session.read([manager], common)).on(manager));
  if ("problem" in read) return undefined;
  const { seen } = read;
  const isOver = entries.proven.isDone(seen) || isGivenUp([seen]);
  return entries.check.isDone(seen) && !isOver ? { manager, journal: seen } : undefined;
}

/**
 * What the state has as made and the host does not remember, one sentence: it was put back from an image, or another run lost
 * its journal. Nothing where it is remembered, or the recovery is over.
 *
 * @param isNoted whether the journal shows it done
 */
export async function forgottenSince(
  session: Session,
  target: ManagerTarget,
  common: Common,
  isNoted: (journal: Journal) => boolean,
): Promise<string[]> {
  const seen = await underWay(session, target, common);
  if (!seen || isNoted(seen.journal)) return [];
  const { host, place } = seen.manager;
  return [
    `NOT SO ANY MORE: ${host.label} does not remember what was done to ${target.node} (${place.directory}): it was put back from an image, or its journal was changed. pulumi up does it again.`,
  ];
}
