import { entries } from "../../incident/entries";
import { isGivenUp } from "../../incident/incident";
import type { Incident } from "../../incident/readIncident";
import { goneJournal, otherPair } from "../../incident/subjects";
import { listDirectory } from "../../manager/directory";
import type { Manager } from "../../manager/manager";
import type { Dump } from "../../mnesia/dump";
import { someOf } from "../../sentence";
import { nodeOf, type RollbackSide, type RollbackSides, readSides, sidesOf } from "./rollbackState";
import { backedUpRows, undumped, useWhileRunning } from "./usedSince";

/** What a look at both managers says of rolling their incident back. */
export type RollbackLook =
  | { sides: RollbackSides; why: string | undefined }
  /** The incident was never begun on either host. */
  | { sides: undefined; why: string };

/**
 * Looks at both managers; `why`: the incident must not be rolled back. Changes nothing: where the last rows were not dumped yet,
 * use is left to the rollback, which does that first.
 */
export async function lookAtRollback(
  managers: readonly [Manager, Manager],
  incident: Incident,
): Promise<RollbackLook> {
  const sides = await readSides(managers, incident);
  if (!sides) return { sides, why: NEVER_BEGUN };
  const unknown = sides.online || undumped(sides) !== undefined;
  const expected = unknown ? undefined : await backedUpRows(sides);
  return { sides, why: await whyNot(sides, incident, expected) };
}

/**
 * Looks at both managers of an incident that is to be rolled back.
 *
 * @throws with the reason when it must not be; nothing was changed.
 */
export async function requireRollback(
  managers: readonly [Manager, Manager],
  incident: Incident,
  cluster: string,
): Promise<void> {
  const { why } = await lookAtRollback(managers, incident);
  if (why) throw refusal(cluster, why);
}

/** Whether the incident was rolled back to the end on both hosts. */
export const isRolledBack = (sides: RollbackSides): boolean =>
  sidesOf(sides).every(({ journal }) => entries.rollback.isDone(journal));

export const refusal = (cluster: string, why: string): Error =>
  new Error(`the rollback of ${cluster} is refused, nothing was changed on any host:\n  - ${why}`);

export const NEVER_BEGUN =
  "neither host has a journal of this incident: nothing was done for it. Are the names of the incident and of the cluster in the settings, the managers and the backup directories as they were?";

/** Why an incident must not be rolled back; undefined: it may. */
export async function whyNot(
  sides: RollbackSides,
  incident: Incident,
  expected: Dump | undefined,
): Promise<string | undefined> {
  const both = sidesOf(sides);
  const journals = both.map(({ journal }) => journal);
  const unlike =
    otherPair(journals, both.map(nodeOf)) ??
    goneJournal(await Promise.all(both.map((side) => remembering(side, incident))));
  if (unlike) return unlike;
  const [proven] = both.flatMap(({ journal }) => entries.proven.done(journal) ?? []);
  if (proven)
    return `the recovery was proven at ${String(proven.at)} and the pair has served since: what was written to it would be lost. To leave it nevertheless, recover again under a new incident.`;
  if (!expected || isGivenUp(journals)) return undefined;
  for (const side of both) {
    const rows = await useWhileRunning(side, sides, expected);
    if (rows.length > 0) return usedText(side, rows);
  }
  return undefined;
}

async function remembering({ journal, running, manager }: RollbackSide, { name }: Incident) {
  const { host, as, spec, place, settings } = manager;
  const directory = settings.mnesiaDirectory;
  const [now, aside] = await Promise.all(
    [directory, `${directory}.${name}`].map((path) => listDirectory(host, path, as)),
  );
  const blank = !running && now!.files.length === 0 && !aside!.exists;
  return { journal, node: spec.node, where: `${place.directory} on ${place.host.label}`, blank };
}

export const usedText = (side: RollbackSide, rows: string[]): string =>
  `the new pair was put to use: on ${nodeOf(side)} ${someOf(rows, 4)}. A rollback would lose that. Finish the recovery instead: take rollback out of the settings and run pulumi up again.`;
