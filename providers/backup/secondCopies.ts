import { basename } from "node:path";
import { examine, type Finding } from "../../leofs/checks/check";
import { secondCopyChecks, secondCopyHostChecks } from "../../leofs/checks/secondCopyChecks";
import { copyBackups, prepareSecondPlace, type SecondCopy } from "../../leofs/incident/backups/secondCopy";
import { entries } from "../../leofs/incident/entries";
import type { Journal } from "../../leofs/incident/journal";
import { backupsIn } from "../../leofs/incident/notedEntry";
import type { IncidentPlace } from "../../leofs/manager/lookedAt";
import { lookAtPlace, type Place } from "../../leofs/manager/place";
import { type PlanLine, urgent } from "../../leofs/planLine";
import { labelOf } from "../../remote/connection";
import type { Progress } from "../contract/progress";
import type { Seen } from "../session/looks";
import type { Purpose, Session } from "../session/session";
import { type Common, type CopyTarget, incidentIn } from "../targets/arguments";

/** What a resource that makes backups knows of second copies. */
export interface Copying extends Common {
  /** Where a second copy of every backup goes. Default: none is made. */
  copyTo?: CopyTarget | undefined;
}

const placeOf = (session: Session, copyTo: CopyTarget, common: Common): IncidentPlace => ({
  host: session.hostOf(copyTo),
  directory: incidentIn(copyTo.directory, common),
  as: undefined,
});

const look = (session: Session, copyTo: CopyTarget, purpose: Purpose): Promise<Seen<Place>> =>
  session.seen(purpose, copyTo, ["copyTo", copyTo.directory], () =>
    lookAtPlace(session.hostOf(copyTo), copyTo.directory, undefined),
  );

/** Whether second copies can be kept, before the first change; nothing without the setting. */
export async function copyFindings(
  session: Session,
  { copyTo }: Copying,
  wantedKiB: number,
  purpose: Purpose,
): Promise<Finding[]> {
  if (!copyTo) return [];
  const label = labelOf(copyTo.connection);
  const seen = await look(session, copyTo, purpose);
  return "problem" in seen
    ? examine(secondCopyHostChecks, { label, problem: seen.problem })
    : examine(secondCopyChecks, { label, place: seen.seen, wantedKiB });
}

/** For a plan: what is said of the second copy of one backup; nothing without the setting. */
export async function copyPlan(session: Session, inputs: Copying): Promise<PlanLine[]> {
  const { copyTo } = inputs;
  if (!copyTo) return [];
  const label = labelOf(copyTo.connection);
  const seen = await look(session, copyTo, "plan");
  const line = `and a second copy in ${incidentIn(copyTo.directory, inputs)} on ${label}, verified there before anything is changed here`;
  return "problem" in seen
    ? [line, urgent(`NOT REACHED: the host for second copies: ${seen.problem}`)]
    : [line];
}

/**
 * Backups of a host that have no second copy where the settings want one, one sentence each: they were made before that was set.
 *
 * @param kinds beginnings of their names
 */
export function withoutCopy(
  session: Session,
  journal: Journal,
  kinds: readonly string[],
  inputs: Copying,
): string[] {
  const { copyTo } = inputs;
  if (!copyTo) return [];
  const { host, directory } = placeOf(session, copyTo, inputs);
  const { place } = journal;
  return backupsIn(journal)
    .filter((path) => kinds.some((kind) => path.startsWith(`${place.directory}/${kind}`)))
    .filter((path) => {
      const copied = entries.copied(basename(path)).done(journal);
      return copied?.host !== host.label || copied.path !== `${directory}/${basename(path)}`;
    })
    .map(
      (path) =>
        `${place.host.label}: ${path} has no second copy in ${directory} on ${host.label} yet: it was made before copyTo said so. pulumi up makes it.`,
    );
}

/** Makes the directory for second copies ready; nothing without the setting. */
export async function prepareCopies(session: Session, first: IncidentPlace, inputs: Copying): Promise<void> {
  const { copyTo } = inputs;
  if (copyTo) await prepareSecondPlace(first, placeOf(session, copyTo, inputs), copyTo.directory);
}

/** Sees to it that every backup published on a manager's host has its second copy; nothing without the setting. */
export async function keepCopies(
  session: Session,
  journal: Journal,
  wanted: readonly string[],
  inputs: Copying,
  progress: Progress,
): Promise<SecondCopy[]> {
  const { copyTo } = inputs;
  if (!copyTo) return [];
  progress.step(`second copy on ${labelOf(copyTo.connection)}`);
  await prepareCopies(session, journal.place, inputs);
  return copyBackups(journal, placeOf(session, copyTo, inputs), wanted, session.surroundings.copyTree);
}
