import type { ManagerEvidence } from "../manager/evidence";
import type { DirectoryFacts } from "../manager/look";
import type { Site } from "../manager/site";
import type { Journal, JournalRecord } from "./journal";
import { finish } from "./journal";

/** How a manager was before the first change of an incident: what a rollback brings back. */
export interface Before {
  /** Its VM was there. */
  running: boolean;
  /** Its Mnesia directory existed, possibly empty. */
  mnesia: boolean;
  /** LeoFS had generated its `app.config`: it had been started at least once. */
  generated: boolean;
  /** Managers that each answering storage and gateway node followed, as this manager knew it. */
  followers: { node: string; type: "storage" | "gateway"; follows: string[] }[];
}

/** Journal entry that says how a node was before the incident's first change. */
export const beforeStep = (node: string): string => `before.${node}`;

/** What a look showed of a manager before the first change. */
export interface Seen {
  site: Site;
  evidence: ManagerEvidence | undefined;
  mnesia: DirectoryFacts;
  journal: Journal;
}

/** Notes how a manager is, once an incident, before anything is changed. */
export async function noteBefore({ site, evidence, mnesia, journal }: Seen): Promise<void> {
  const step = beforeStep(site.manager.node);
  if (journal.done.has(step)) return;
  const before: Before = {
    running: site.facts.beams.length > 0,
    mnesia: mnesia.exists,
    generated: site.facts.conf.appConfig !== undefined,
    followers: (evidence?.nodes ?? []).flatMap(({ node, type, follows }) =>
      follows ? [{ node, type, follows }] : [],
    ),
  };
  await finish(site.place, step, { ...before });
}

/** Reads what `noteBefore` wrote; undefined when nothing was noted (the incident was never begun there). */
export function readBefore(record: JournalRecord | undefined): Before | undefined {
  if (!record) return undefined;
  const { running, mnesia, generated, followers } = record as Partial<Before>;
  return {
    running: running === true,
    mnesia: mnesia !== false,
    generated: generated !== false,
    followers: Array.isArray(followers) ? followers : [],
  };
}
