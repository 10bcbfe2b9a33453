import type { IncidentPlace } from "../manager/lookedAt";
import { entries } from "./entries";
import { changesOf, isUnfinished } from "./incident";
import { Journal, readJournal } from "./journal";

/**
 * What an incident has changed on a host and neither finished nor undone, by its journal; undefined: nothing, so that
 * nobody has to wait for it.
 */
export async function unfinishedOn(place: IncidentPlace): Promise<string | undefined> {
  // Another incident's than the one that is worked on: whoever asks waits for it, or follows it up.
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
  const journal = new Journal(place);
  await entries.rollback.begin(journal, { successor });
  await entries.rollback.finish(journal, {
    successor,
    evidence: [`nothing was changed; ${successor} began`],
  });
}
