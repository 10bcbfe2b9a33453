import { totalBytes } from "../incident/backups/tree";
import { entries } from "../incident/entries";
import type { Noted } from "../incident/journal";
import { WORKING_KIB } from "../manager/place";
import { dataFiles, type ManagerView } from "./view";

/** KiB that the backups of a manager may still take: a dump and its files, then a copy to load and its dump, and room to work. */
export const backupKiB = (view: ManagerView): number => kibibytes(view, timesToCome(view));

/**
 * KiB that the recovery may take in a manager's backup directory at once: its backups and, beside the last of them or once they are
 * made, a dump that is compared and the rows of it, which are sorted there.
 */
export const workKiB = (view: ManagerView): number => kibibytes(view, Math.max(2, timesToCome(view) + 1));

const kibibytes = (view: ManagerView, times: number): number => {
  const files = totalBytes(dataFiles(view));
  // What else lies there in directories is copied with them, and is in no dump.
  const below = totalBytes(view.mnesia.files) - files;
  return Math.ceil((files * times + below * copiesToCome(view)) / 1024) + WORKING_KIB;
};

/** How often all that lies in the Mnesia directory may still be copied: backed up, and to be loaded. */
function copiesToCome({ journal, manager }: ManagerView): number {
  const { node } = manager.spec;
  if (entries.final(node).isDone(journal)) return 0;
  return entries.files(node).isDone(journal) ? 1 : 2;
}

/** What the backups of a manager may still take, in times the size of its files. A dump takes up to as much as they. */
function timesToCome({ journal, manager }: ManagerView): number {
  const { node } = manager.spec;
  const isMade = (entry: { isDone(journal: Noted): boolean }) => entry.isDone(journal);
  if (isMade(entries.final(node))) return 0;
  if (isMade(entries.files(node))) return 2;
  return isMade(entries.dump) ? 3 : 4;
}
