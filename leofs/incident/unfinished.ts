import type { IncidentPlace } from "../manager/site";
import { allOf, type EntryKind, entries, type Noted } from "./entries";
import { readJournal } from "./journal";

/** Entries that say of looks, decisions and backups: what they were noted for changed nothing that LeoFS uses. */
const HARMLESS: readonly (EntryKind | undefined)[] = ["check", "dump", "before", "copied", "files", "final"];

/**
 * What an incident has changed on a host and neither finished nor undone, by its journal; undefined: nothing, so that
 * nobody has to wait for it.
 */
export async function unfinishedOn(place: IncidentPlace): Promise<string | undefined> {
  const journal = await readJournal(place);
  if (!isUnfinished([journal])) return undefined;
  const changes = changesOf(journal);
  return `its journal in ${place.directory} on ${place.host.label} says ${changes.join(", ")}`;
}

/** Whether an incident, by the journals of its hosts, has changed something and is neither proven nor rolled back. */
export const isUnfinished = (journals: readonly Noted[]): boolean =>
  !journals.some((journal) => entries.proven.isDone(journal) || entries.rollback.isDone(journal)) &&
  journals.some((journal) => changesOf(journal).length > 0);

function changesOf(journal: Noted): string[] {
  const all = new Map(allOf(journal).map((one) => [one.name, one]));
  const changes = [...all.values()].filter(({ kind, of }) =>
    // A fence that could not be put up, or is lifted, holds nobody.
    kind === "fence" ? entries.fence(of).done(journal)?.state === "up" : !HARMLESS.includes(kind),
  );
  return changes.map(({ name, done }) => `${name} ${done ? "done" : "begun"}`).sort();
}

/**
 * Ends an incident that changed nothing, because another one begins on its pair: a stack that still has it must not stop
 * managers that recovered since.
 */
export async function endForGood(place: IncidentPlace, successor: string): Promise<void> {
  await entries.rollback.begin(place, { successor });
  await entries.rollback.finish(place, { successor, evidence: [`nothing was changed; ${successor} began`] });
}
