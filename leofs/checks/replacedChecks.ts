import type { NoAnswerCause } from "../erlang/noAnswer";
import { totalBytes } from "../incident/backups/tree";
import { entries } from "../incident/entries";
import { isReplaced } from "../incident/incident";
import { mayRename, WORKING_KIB } from "../manager/place";
import { backupKiB, workKiB } from "./backupRoom";
import { type CheckList, examine, type Finding } from "./check";
import { writableAgain } from "./places";
import { silenceMended } from "./silence";
import { dataFiles, type ManagerView } from "./view";

/** A directory of Mnesia files that is moved aside, and what comes in its place. */
interface Replaced {
  view: ManagerView;
  /** Bytes of Mnesia files that come in its place. */
  bytes: number;
  /** How many files. */
  files: number;
  /** They are another manager's. */
  others: boolean;
}

/** Twice: Mnesia writes a table again beside its old file before it takes its place. */
const wantedKiB = ({ bytes }: Replaced): number => Math.ceil((2 * bytes) / 1024) + WORKING_KIB;

/**
 * What the recovery may take in the backup directory: the rows of the other manager are dumped here too once they are in place, and
 * sorted, to be compared.
 */
const besideKiB = ({ view, bytes, others }: Replaced): number =>
  others ? Math.max(workKiB(view), backupKiB(view) + Math.ceil((2 * bytes) / 1024)) : workKiB(view);

/** Why a manager could not be asked that keep LeoFS's own stop from reaching it too. */
const DEAF: ReadonlySet<NoAnswerCause> = new Set([
  ...(["mute", "absent", "no_epmd", "port", "cookie", "not_allowed", "closed"] as const),
]);

/** What the renaming and filling of a Mnesia directory needs. */
export const replacedChecks: CheckList<Replaced> = {
  of: "a Mnesia directory that is replaced",
  checks: [
    {
      name: "stopSilent",
      decides: true,
      test: ({ view }) => {
        const { manager, silence, journal } = view;
        const { host, spec, facts } = manager;
        // It may be on its way down since a run that was killed. The next stop waits for that, and says what does not end.
        if (entries.stop(spec.node).isBegun(journal) && !entries.stop(spec.node).isDone(journal))
          return undefined;
        // systemd ends by a signal what does not stop, but a process that stands still takes none.
        if (!silence || !(facts.unit?.active ? silence.cause === "mute" : DEAF.has(silence.cause)))
          return undefined;
        const pids = facts.beams.join(", ");
        return `${host.label}: ${spec.node} runs (process ${pids}) but does not answer: ${silence.reason}. It could not be stopped: ${spec.home}/bin/leo_manager stop asks it to. ${silenceMended(view, "")}If that cannot be mended, end process ${pids} there (its heart first, where it has one): what it has on disc is backed up. Then run pulumi up again.`;
      },
    },
    {
      name: "mnesiaMount",
      decides: true,
      test: ({ view: { manager, places } }) =>
        places.mnesia.mountPoint
          ? `${manager.host.label}: the Mnesia directory ${places.mnesia.path} is a mount point, so it cannot be moved aside. While ${manager.spec.node} is stopped move its files into a directory below it, and set mnesia.dir to that.`
          : undefined,
    },
    {
      name: "mnesiaFixed",
      test: ({ view: { manager, places } }) =>
        places.mnesiaFixed
          ? `${manager.host.label}: nobody may rename ${places.mnesia.path} (chattr +i or +a). The directory is moved aside, with all that is in it. Allow it: chattr -i -a ${places.mnesia.path}`
          : undefined,
    },
    {
      name: "mnesiaParent",
      test: ({ view: { manager, places } }) =>
        mayRename(places.parent, places.user, places.mnesia)
          ? undefined
          : `${manager.host.label}: ${places.user} may not rename ${places.mnesia.path}: ${places.parent.nearest} belongs to ${places.parent.owner}. The directory is moved aside, not emptied. ${writableAgain(places.parent, `Give ${places.parent.path} to the user LeoFS runs as.`)}`,
    },
    {
      name: "mnesiaSpace",
      test: (replaced) => {
        const { manager, places } = replaced.view;
        const { parent, backups } = places;
        const shared = parent.disk !== undefined && parent.disk === backups.disk;
        const wanted = wantedKiB(replaced) + (shared ? besideKiB(replaced) : 0);
        if (parent.freeKiB === undefined || parent.freeKiB >= wanted) return undefined;
        const what = shared ? "the new tables and the backups" : "the new tables";
        return `${manager.host.label}: the file system of the Mnesia directory (mounted on ${parent.disk}) has ${parent.freeKiB} KiB free, ${wanted} KiB are needed for ${what}. Free space there: the old tables are kept beside the new ones.`;
      },
    },
    {
      name: "compareSpace",
      test: (replaced) => {
        const { manager, places } = replaced.view;
        const { path, freeKiB } = places.backups;
        const wanted = besideKiB(replaced);
        // With room for less than its own backups it is refused for that.
        if (freeKiB === undefined || freeKiB >= wanted || freeKiB < workKiB(replaced.view)) return undefined;
        return `${manager.host.label}: ${path} has ${freeKiB} KiB free, ${wanted} KiB are needed there to compare the new rows of ${manager.spec.node}: they are dumped there and sorted. Free space there, or set another backupDirectory.`;
      },
    },
    {
      name: "mnesiaFileCount",
      test: ({ view: { manager, places }, files }) => {
        const { freeFiles, disk } = places.parent;
        const wanted = 2 * files + 64;
        return freeFiles !== undefined && freeFiles < wanted
          ? `${manager.host.label}: the file system of the Mnesia directory (mounted on ${disk}) can take ${freeFiles} more files (inodes), ${wanted} are needed. Remove files there.`
          : undefined;
      },
    },
  ],
};

/**
 * What replacing the Mnesia files of some managers by those of another needs; nothing once that is done.
 *
 * @param good whose files, or rows, come in their place
 */
export function replacedFindings(good: ManagerView, replaced: readonly ManagerView[]): Finding[] {
  const files = dataFiles(good);
  const given = { bytes: totalBytes(good.mnesia.files), files: files.length };
  return replaced
    .filter(({ journal, manager }) => !isReplaced({ journal, node: manager.spec.node }))
    .flatMap((view) => examine(replacedChecks, { view, ...given, others: view !== good }));
}
