import { basename } from "node:path";
import { publishedBackups } from "../../leofs/incident/backups/backupPlace";
import { backupsIn } from "../../leofs/incident/notedEntry";
import { surprises } from "../../leofs/incident/surprises";
import type { Session } from "../session/session";
import type { Common, ManagerTarget } from "../targets/arguments";

/**
 * Backups of a manager that the journal names and that are not there any more, one sentence each. Only their names are
 * looked at: `pulumi refresh` reads them whole. Nothing where the host cannot be looked at.
 *
 * @param kinds beginnings of their names
 */
export async function goneBackups(
  session: Session,
  target: ManagerTarget,
  common: Common,
  kinds: readonly string[],
): Promise<string[]> {
  const seen = await session.glance(target, common);
  if ("problem" in seen) return [];
  const { journal, manager } = seen.seen;
  const { place } = manager;
  if (surprises.forgotten(journal))
    return [
      `${manager.host.label}: ${place.directory} is gone, with the backups and the journal of this incident`,
    ];
  const published = await session.glanceAt(target, ["published", place.directory], () =>
    publishedBackups(place),
  );
  if ("problem" in published) return [];
  return backupsIn(journal)
    .filter((path) => kinds.some((kind) => path.startsWith(`${place.directory}/${kind}`)))
    .filter((path) => !published.seen.includes(basename(path)))
    .map((path) => `${manager.host.label}: the backup ${path} is gone`);
}
