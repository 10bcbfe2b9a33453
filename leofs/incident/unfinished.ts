import type { IncidentPlace } from "../manager/site";
import { isFenceStep } from "./fence";
import { begin, finish, type Journal, readJournal } from "./journal";
import { ROLLBACK_STEP } from "./rolledBack";

/** Entries that say of looks, decisions and backups: what they were noted for changed nothing that LeoFS uses. */
const HARMLESS = /^(guard|dump|(before|copied|files|final)\..*)$/;

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
export const isUnfinished = (journals: readonly Journal[]): boolean =>
  !journals.some(({ done }) => done.has("proven") || done.has(ROLLBACK_STEP)) &&
  journals.some((journal) => changesOf(journal).length > 0);

function changesOf({ begun, done }: Journal): string[] {
  const names = [...new Set([...begun.keys(), ...done.keys()])].filter((name) => !HARMLESS.test(name)).sort();
  return names.flatMap((name) => {
    // A fence that could not be put up, or is lifted, holds nobody.
    if (isFenceStep(name) && done.get(name)?.state !== "up") return [];
    return [`${name} ${done.has(name) ? "done" : "begun"}`];
  });
}

/**
 * Ends an incident that changed nothing, because another one begins on its pair: a stack that still has it must not stop
 * managers that recovered since.
 */
export async function endForGood(place: IncidentPlace, successor: string): Promise<void> {
  await begin(place, ROLLBACK_STEP, { successor });
  await finish(place, ROLLBACK_STEP, { successor, evidence: [`nothing was changed; ${successor} began`] });
}
