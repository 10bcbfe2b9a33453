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

const kibibytes = (view: ManagerView, times: number): number =>
  Math.ceil((totalBytes(dataFiles(view)) * times) / 1024) + WORKING_KIB;

/** What the backups of a manager may still take, in times the size of its files. A dump takes up to as much as they. */
function timesToCome({ journal, manager }: ManagerView): number {
  const { node } = manager.spec;
  const isMade = (entry: { isDone(journal: Noted): boolean }) => entry.isDone(journal);
  if (isMade(entries.final(node))) return 0;
  if (isMade(entries.files(node))) return 2;
  return isMade(entries.dump) ? 3 : 4;
}
