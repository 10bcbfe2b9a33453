import type { IncidentPlace } from "../manager/site";
import { entries } from "./entries";
import { changesOf, isUnfinished } from "./incident";
import { readJournal } from "./journal";

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

/**
 * Ends an incident that changed nothing, because another one begins on its pair: a stack that still has it must not stop
 * managers that recovered since.
 */
export async function endForGood(place: IncidentPlace, successor: string): Promise<void> {
  await entries.rollback.begin(place, { successor });
  await entries.rollback.finish(place, { successor, evidence: [`nothing was changed; ${successor} began`] });
}
