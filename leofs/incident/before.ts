import type { ManagerEvidence } from "../manager/evidence";
import type { DirectoryFacts } from "../manager/look";
import type { Manager } from "../manager/manager";
import { type Done, entries } from "./entries";
import type { Journal } from "./journal";

/** How a manager was before the first change of an incident: what a rollback brings back. */
export type Before = Omit<Done<"before">, "at">;

/** What a look showed of a manager before the first change. */
export interface Seen {
  manager: Manager;
  evidence: ManagerEvidence | undefined;
  mnesia: DirectoryFacts;
  journal: Journal;
}

/** Notes how a manager is, once an incident, before anything is changed. */
export async function noteBefore({ manager, evidence, mnesia, journal }: Seen): Promise<void> {
  const entry = entries.before(manager.spec.node);
  if (entry.isDone(journal)) return;
  await entry.finish(journal, {
    running: manager.facts.beams.length > 0,
    mnesia: mnesia.exists,
    generated: manager.facts.conf.appConfig !== undefined,
    followers: (evidence?.nodes ?? []).flatMap(({ node, type, follows }) =>
      follows ? [{ node, type, follows }] : [],
    ),
  });
}
