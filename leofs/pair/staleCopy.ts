import { publishedBackups, verifyBackup } from "../incident/backups/backupPlace";
import { asideName, emptyDirectory } from "../incident/backups/clearDirectory";
import { copyFiles, isCopy } from "../incident/backups/fileBackup";
import { rowsInFiles } from "../incident/backups/finalDump";
import type { Manifest } from "../incident/backups/manifest";
import { type TreeFile, totalBytes, treeIfAny } from "../incident/backups/tree";
import { entries } from "../incident/entries";
import type { Incident } from "../incident/readIncident";
import type { Manager, Stopped } from "../manager/manager";
import { compareDumps, type Dump } from "../mnesia/dump";
import { USERS_TABLES } from "../mnesia/tables";
import { sentence, someOf } from "../sentence";

/** The donor of an in-place recovery, and its backup as it is now. */
export interface DonorBackup {
  donor: Manager;
  path: string;
  manifest: Manifest;
}

/**
 * Removes an earlier copy of the donor's files that is outdated: an interrupted run did not note it, and somebody has since
 * started the donor, or both managers, by hand. A copy that nobody started is moved aside, and so are the files that the
 * manager had before the recovery, put back by hand. A copy that was started is backed up first, and moved aside when it
 * has no row of users that the donor lacks.
 *
 * @returns the evidence; undefined when nothing was in the way.
 * @throws with the rows that only the damaged manager has, or why it is not known whether there are any.
 */
export async function clearOutdatedCopy(
  damaged: Stopped,
  backup: DonorBackup,
  incident: Incident,
): Promise<string | undefined> {
  const { host, as, settings, spec } = damaged;
  const directory = settings.mnesiaDirectory;
  const current = await treeIfAny(host, directory, as);
  if (!current || current.files.length === 0 || isCopy(current.files, backup.manifest)) return undefined;
  const putBack = await isFirstBackup(current.files, damaged, incident);
  if (!putBack && !(await isBackedUp(current.files, backup.donor, incident))) {
    if (!(await isBackedUp(current.files, damaged, incident))) await copyFiles(damaged, incident.name);
    const rows = await rowsSince(damaged, current.files, backup);
    if (rows.length > 0)
      throw new Error(
        `${host.label}: ${spec.node} was started by hand after it was given the donor's files, and has rows that the donor lacks: ${someOf(rows, 4)}. Its files are backed up and nothing was moved. ` +
          `If these rows may go, move ${directory} away and run pulumi up again.`,
      );
  }
  const aside = await asideName(damaged, "outdated");
  await emptyDirectory(damaged, aside);
  return putBack
    ? `the files that ${spec.node} had before the recovery were put back by hand; they are backed up, so they were moved to ${aside}`
    : `an earlier copy of the donor's files was in place; the donor ran since, so that copy was moved to ${aside}`;
}

/** Whether these are the files that the recovery replaces, as it backed them up before it moved them aside. */
async function isFirstBackup(files: TreeFile[], manager: Manager, incident: Incident): Promise<boolean> {
  const path = entries.files(manager.spec.node).done(incident.on(manager))?.path;
  return path !== undefined && isCopy(files, await verifyBackup(incident.on(manager), path));
}

/** Whether a backup of that manager holds just these files. */
async function isBackedUp(files: TreeFile[], manager: Manager, incident: Incident): Promise<boolean> {
  const { place, spec } = manager;
  for (const name of await publishedBackups(place))
    if (
      name.startsWith(`files-${spec.node}-`) &&
      isCopy(files, await verifyBackup(incident.on(manager), `${place.directory}/${name}`))
    )
      return true;
  return false;
}

/** Rows of users that a copy which was started has and the donor lacks. @throws when one of the two cannot be loaded. */
async function rowsSince(damaged: Stopped, files: TreeFile[], backup: DonorBackup): Promise<string[]> {
  const { host, spec, settings } = damaged;
  const directory = settings.mnesiaDirectory;
  const loaded = async <T>(
    manager: Manager,
    of: string,
    bytes: number,
    look: (dump: Dump) => Promise<T>,
  ): Promise<T> => {
    const found = await rowsInFiles(manager, of, bytes, "compared", look);
    if ("seen" in found) return found.seen;
    throw new Error(
      `${host.label}: ${spec.node} was started by hand after it was given the donor's files, and whether it has rows that the donor lacks is not known, because ${of} (${manager.host.label}) could not be loaded: ${sentence(found.problem)} Its files are backed up and nothing was moved. ` +
        `If what was written to it since may go, move ${directory} on ${host.label} away and run pulumi up again.`,
    );
  };
  const { donor, path, manifest } = backup;
  return loaded(damaged, directory, totalBytes(files), (its) =>
    loaded(donor, `${path}/mnesia`, totalBytes(manifest.files), (donors) => rowsOnlyIn(its, donors)),
  );
}

/** Rows of users that one has and the other lacks, or has older. */
export async function rowsOnlyIn(one: Dump, other: Dump): Promise<string[]> {
  const { differences } = await compareDumps(other, one);
  return differences
    .filter(({ table, whole }) => USERS_TABLES.includes(table) && whole === undefined)
    .flatMap(({ table, extra, changed, unnamed }) => {
      const more = unnamed ? unnamed.extra + unnamed.changed - unnamed.older : 0;
      return [
        ...extra,
        ...changed.filter(({ older }) => !older).map(({ label }) => label),
        ...(more > 0 ? [`${more} rows of ${table} that are not named`] : []),
      ];
    });
}
