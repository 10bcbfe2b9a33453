import { verifyBackup } from "../../leofs/incident/backups/backupPlace";
import { backUpFiles, holdsCopy } from "../../leofs/incident/backups/fileBackup";
import type { Manifest } from "../../leofs/incident/backups/manifest";
import { restoredBefore, restoreFiles } from "../../leofs/incident/backups/restoreFiles";
import { refuseOtherTables } from "../../leofs/incident/backups/tablesReplaced";
import { totalBytes } from "../../leofs/incident/backups/tree";
import { requireCleared } from "../../leofs/incident/begunWith";
import { entries } from "../../leofs/incident/entries";
import type { Incident } from "../../leofs/incident/readIncident";
import { requireSubjects } from "../../leofs/incident/subjects";
import { surprises } from "../../leofs/incident/surprises";
import type { Manager, Stopped } from "../../leofs/manager/manager";
import { stopped } from "../../leofs/manager/proven";
import { clearOutdatedCopy } from "../../leofs/pair/staleCopy";
import { unseen } from "../../leofs/planLine";
import { keepCopies } from "../backup/secondCopies";
import type { Run } from "../contract/handler";
import type { Session } from "../session/session";
import type { ImportKind, MnesiaImportInputs } from "./mnesiaImportTypes";

/** A donor's files, put into the empty directory of a stopped manager. */
export const filesImport: ImportKind = {
  async look(session, inputs) {
    const { from, to } = inputs;
    const seen = await session.glance(to, inputs);
    if ("problem" in seen) return { plan: [unseen(to.node, seen.problem)] };
    const { journal, mnesia, manager } = seen.seen;
    if (entries.restore(to.node).isDone(journal)) return { plan: [] };
    return {
      plan: [
        `out of the proven backup of ${from.node}, compared by SHA-256`,
        `  put the files of ${from.node}, out of their proven backup, into ${mnesia.path}`,
        `  on ${manager.host.label}: staged beside it, compared by SHA-256, renamed into place`,
      ],
    };
  },

  async converge(session, inputs, run) {
    const { to } = inputs;
    const { managers, incident } = await session.openForWork([inputs.from, to], inputs);
    const [donor, damaged] = managers;
    requireSubjects(incident.journals, { good: inputs.from.node, other: to.node });
    requireCleared(incident.on(damaged), to.node, damaged.host.label);
    const restored = restoredBefore(damaged, incident);
    // Once it was given its files it may run again.
    const down = restored
      ? undefined
      : await stopped(damaged, incident.on(damaged).noting, run.progress.step);
    const giving = { session, donor, incident, run };
    const backup = await freshBackup(giving, damaged, inputs);
    const evidence = down ? await giveFiles(giving, down, backup) : (restored ?? []);
    run.progress.note(evidence[0] ?? "");
    return { tables: 0, rows: 0, removed: [], evidence };
  },
};

/** A donor that gives its files, in one run. */
interface Giving {
  session: Session;
  donor: Manager;
  incident: Incident;
  run: Run;
}

/** A backup of its files. */
interface Given {
  path: string;
  manifest: Manifest;
}

async function giveFiles(
  { session, donor, incident, run }: Giving,
  damaged: Stopped,
  backup: Given,
): Promise<string[]> {
  const outdated = await clearOutdatedCopy(damaged, { donor, ...backup }, incident);
  if (outdated) run.progress.note(outdated);
  const { files } = backup.manifest;
  run.progress.step(`copying ${files.length} files, ${totalBytes(files)} bytes, to ${damaged.host.label}`);
  return restoreFiles(damaged, donor, incident, backup, session.surroundings.copyTree);
}

/**
 * The donor's backup as long as it is still what the donor has. A donor that was started by hand meanwhile has
 * newer rows: it is stopped and backed up again.
 */
async function freshBackup(
  { session, donor, incident, run }: Giving,
  damaged: Manager,
  inputs: MnesiaImportInputs,
): Promise<Given> {
  const { path } = inputs;
  const journal = incident.on(donor);
  const given = await givenStill(donor, damaged, incident);
  if (given) return given;
  const down = await stopped(donor, journal.noting, run.progress.step, " and backing it up again");
  const backup = await backUpFiles(down, incident);
  const current = backup.path ?? path;
  // A donor whose directory was emptied by hand must not be started beside the copy of what it had.
  if (backup.path !== path) {
    await refuseOtherTables(donor, backup, journal);
    await keepCopies(session, journal, [current], inputs, run.progress);
  }
  return { path: current, manifest: backup.manifest ?? (await verifyBackup(journal, current)) };
}

/**
 * The backup that the damaged manager was given: valid while both journals record it, or the copy is unchanged on disc.
 * When that was not noted and the copy was started since, the donor has run beside it, and has newer rows.
 */
async function givenStill(donor: Manager, damaged: Manager, incident: Incident): Promise<Given | undefined> {
  const path = entries.given(damaged.spec.node).done(incident.on(donor))?.path;
  if (path === undefined) return undefined;
  const manifest = await verifyBackup(incident.on(donor), path);
  const of = { journal: incident.on(damaged), node: damaged.spec.node };
  // Nobody looks at a copy that was noted.
  const copyUnchanged =
    !surprises.copyStarted(of, { copyUnchanged: false }) || (await holdsCopy(damaged, manifest));
  return surprises.copyStarted(of, { copyUnchanged }) ? undefined : { path, manifest };
}
