import { refuseLiving } from "../../leofs/checks/otherManagers";
import { refuseDamagedRanLast, refuseLostRanLast } from "../../leofs/checks/ranLast";
import { dataFiles } from "../../leofs/checks/view";
import { preparePlace } from "../../leofs/incident/backups/backupPlace";
import { clearedBefore, clearMnesia, movedAside } from "../../leofs/incident/backups/clearDirectory";
import { dumpFileOf } from "../../leofs/incident/backups/dumpBackup";
import { backUpFiles, keptBackup } from "../../leofs/incident/backups/fileBackup";
import { refuseOtherTables } from "../../leofs/incident/backups/tablesReplaced";
import { totalBytes } from "../../leofs/incident/backups/tree";
import { requireMethod } from "../../leofs/incident/begunWith";
import { type Done, entries } from "../../leofs/incident/entries";
import { isSettled } from "../../leofs/incident/incident";
import { requireSubjects } from "../../leofs/incident/subjects";
import type { Manager } from "../../leofs/manager/manager";
import { ifDown, stopped } from "../../leofs/manager/proven";
import { nodesOf } from "../../leofs/mnesia/dumpRows";
import { readDump } from "../../leofs/pair/compare";
import { sizeText, unseen } from "../../leofs/planLine";
import { keepLock, openManager } from "../session/oneManager";
import { incidentDirectory } from "../targets/arguments";
import { outputsOf, withCopies } from "./backupOutputs";
import { proveLoadable } from "./loadable";
import type { BackupKind } from "./mnesiaBackupTypes";
import { copyPlan } from "./secondCopies";

/** The Mnesia files of a stopped manager, proven and cleared as asked. */
export const filesOfStopped: BackupKind = {
  async plan(session, inputs) {
    const { manager: target, clear, incident } = inputs;
    const seen = await session.glance(target, inputs);
    if ("problem" in seen) return [unseen(target.node, seen.problem)];
    const { journal, mnesia, manager } = seen.seen;
    const entry = (clear ? entries.clear : entries.files)(target.node);
    if (entry.isDone(journal) || entries.proven.isDone(journal)) return [];
    const files = dataFiles(seen.seen);
    if (files.length === 0) return [`  ${target.node}: ${mnesia.path} holds nothing to back up`];
    return [
      `${files.length} files, ${sizeText(totalBytes(files))}, each read back by SHA-256`,
      `  of ${mnesia.path} on ${manager.host.label}`,
      `  into ${incidentDirectory(target, inputs)}`,
      ...files.map((file) => `  ${file.name}  ${sizeText(file.bytes)}`),
      ...(await copyPlan(session, inputs)),
      ...(clear ? [`  then move the directory aside to ${mnesia.path}.${incident}`] : []),
    ];
  },

  async converge(session, inputs, run) {
    const { manager: target } = inputs;
    const one = await openManager(session, target, inputs);
    const { manager, incident, journal } = one;
    await keepLock(session, one, target, inputs, run.progress);
    // Only offline the manager with the data is stopped.
    const isOfData = inputs.prove || !inputs.clear;
    requireSubjects([journal], { [isOfData ? "good" : "other"]: target.node });
    if (isOfData) requireMethod(journal, "offline");
    const settled = isSettled({ journal, node: target.node }, await movedAside(manager, journal));
    // This step was left out of the run that proved the pair: what is there now is the cluster's.
    if (!settled && entries.proven.isDone(journal))
      return outputsOf(manager, "", undefined, [
        `${target.node} was recovered before its files were to be backed up: it is left as it is`,
      ]);
    run.touching();
    await preparePlace(manager.place, target.backupDirectory);
    // One that is settled may run again, and its files are not touched.
    const found = settled ? undefined : await ifDown(manager);
    const down = settled ? undefined : (found ?? (await stopped(manager, journal.noting, run.progress.step)));
    if (inputs.clear && down) {
      await refuseLiving(manager, entries.check.done(journal));
      if (!inputs.prove) await refuseDamagedRanLast(down, journal);
      // One that this run stops served until then.
      else if (found) await refuseLostRanLast(down, journal);
    }
    if (isOfData && down && entries.check.isDone(journal))
      run.progress.note(
        "no manager serves from here on, until the data is back (S3 goes on). If this run is ended before: pulumi up goes on, rollback: true goes back",
      );
    run.progress.step(`backing up ${manager.settings.mnesiaDirectory}`);
    const backup = down ? await backUpFiles(down, incident) : await keptBackup(manager, incident);
    const size = totalBytes(backup.manifest?.files ?? []);
    const evidence = [
      backup.path
        ? `${backup.manifest!.files.length} files, ${size} bytes, each read back with the SHA-256 of its source: ${backup.path}`
        : `${manager.settings.mnesiaDirectory} holds nothing to back up`,
    ];
    run.progress.note(backup.path ? `Mnesia files backed up, ${evidence[0]}` : evidence[0]!);
    const last = inputs.prove ? await proveLoadable(manager, incident, backup, inputs, run) : undefined;
    if (isOfData && !last) await refuseOtherTables(manager, backup, journal);
    evidence.push(...(last?.evidence ?? []));
    if (inputs.clear && down && last?.path)
      await refuseLivingForNodes(manager, last.path, entries.check.done(journal));
    const kept = outputsOf(manager, backup.path ?? "", backup.manifest, evidence);
    const made = await withCopies(session, journal, { ...kept, finalDump: last?.path ?? "" }, inputs, run);
    if (!inputs.clear) return made;
    const movedTo =
      (down
        ? await clearMnesia(down, incident, backup)
        : (await clearedBefore(manager, incident, backup))?.aside) ?? "";
    const cleared = movedTo ? `the directory was moved aside to ${movedTo}` : "the directory is empty";
    return { ...made, movedTo, evidence: [...made.evidence, cleared] };
  },
};

/**
 * Asks the storage and gateway nodes about managers that must not be there, when the check could not: of a survivor that was
 * down they are known from its files alone.
 */
async function refuseLivingForNodes(
  manager: Manager,
  dump: string,
  check: Done<"check"> | undefined,
): Promise<void> {
  if (!check || check.askers.length > 0) return;
  await refuseLiving(manager, { ...check, askers: await nodesOf(await readDump(manager, dumpFileOf(dump))) });
}
