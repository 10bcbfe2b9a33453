import type { DirectoryFacts } from "../manager/directory";
import type { ManagerEvidence } from "../manager/evidence";
import type { Manager } from "../manager/manager";
import type { MnesiaHealth } from "../manager/mnesiaHealth";
import { entries } from "./entries";
import type { Journal } from "./journal";

/** How a manager was before the first change of an incident: what a rollback brings back. */
export type Before = Parameters<ReturnType<typeof entries.before>["finish"]>[1];

/** What a look showed of a manager before the first change. */
export interface Seen {
  manager: Manager;
  evidence: ManagerEvidence | undefined;
  mnesia: DirectoryFacts;
  /** Of one that is down, where its files could be read. */
  health: MnesiaHealth | undefined;
  journal: Journal;
}

/** What a check decided of a pair. */
export type Decided = Parameters<typeof entries.check.finish>[1];

/**
 * Notes what a check saw of one manager, and what it decided, before anything is changed.
 *
 * @param renew nothing was done by an earlier check: what that one noted may be hours old, and of other settings
 */
export async function noteCheck(seen: Seen, decided: Decided, renew: boolean): Promise<void> {
  const { manager, journal } = seen;
  const { check, before } = entries;
  if (renew || !before(manager.spec.node).isDone(journal))
    await before(manager.spec.node).finish(journal, beforeOf(seen));
  if (renew || !check.isDone(journal)) await check.finish(journal, decided);
}

const beforeOf = ({ manager, evidence, mnesia, health }: Seen): Before => ({
  running: manager.facts.beams.length > 0,
  mnesia: mnesia.exists,
  generated: manager.facts.conf.appConfig !== undefined,
  followers: (evidence?.nodes ?? []).flatMap(({ node, type, follows }) =>
    follows ? [{ node, type, follows }] : [],
  ),
  ...(health && health.marks.cut === undefined && { sawDown: [...health.marks.down.keys()] }),
});
