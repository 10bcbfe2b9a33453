import { preparePlace, verifyBackup } from "../../leofs/incident/backups/backupPlace";
import { backUpDump, dumpFileOf } from "../../leofs/incident/backups/dumpBackup";
import { rowsDumped } from "../../leofs/incident/backups/manifest";
import { entries } from "../../leofs/incident/entries";
import { isBegun } from "../../leofs/incident/incident";
import type { Noted } from "../../leofs/incident/journal";
import { requireSubjects } from "../../leofs/incident/subjects";
import type { Manager } from "../../leofs/manager/manager";
import { askIfThere, lacking } from "../../leofs/manager/ready";
import { unseen } from "../../leofs/planLine";
import { keepLock, type OneManager, openManager } from "../session/oneManager";
import { incidentDirectory } from "../targets/arguments";
import { outputsOf, withCopies } from "./backupOutputs";
import type { BackupKind } from "./mnesiaBackupTypes";
import { copyPlan } from "./secondCopies";

/** A text dump from a running manager. */
export const dumpOfRunning: BackupKind = {
  async plan(session, inputs) {
    const { manager: target } = inputs;
    const seen = await session.glance(target, inputs);
    if ("problem" in seen) return [unseen(target.node, seen.problem)];
    const { journal, manager } = seen.seen;
    if (entries.dump.isDone(journal)) return [];
    return [
      "parsed whole, every table, as many rows as the manager counts",
      `  dump ${target.node} (${manager.host.label}) into ${incidentDirectory(target, inputs)}`,
      ...(await copyPlan(session, inputs)),
    ];
  },

  async converge(session, inputs, run) {
    const { manager: target } = inputs;
    const one = await openManager(session, target, inputs);
    const { manager, incident, journal } = one;
    requireCheck(one);
    requireSubjects([journal], { good: target.node });
    await keepLock(session, one, target, inputs, run.progress);
    const earlier = entries.dump.done(journal)?.path;
    if (earlier !== undefined) {
      run.progress.step(`verifying the dump taken before: ${earlier}`);
      const manifest = await verifyBackup(journal, earlier);
      const adopted = outputsOf(manager, earlier, manifest, [
        "adopted: this incident's dump was taken before and is unchanged",
      ]);
      return withCopies(session, journal, adopted, inputs, run);
    }
    const without = await noDumpBecause(manager, journal);
    if (without) return outputsOf(manager, "", undefined, [`${without}, so no dump is taken`]);
    run.touching();
    await preparePlace(manager.place, target.backupDirectory);
    run.progress.step(`dumping ${target.node}`);
    const { path, manifest } = await backUpDump(manager, incident);
    const proof = `${Object.keys(manifest.tables ?? {}).length} tables, ${rowsDumped(manifest)} rows, as many as ${target.node} counted before and after: ${dumpFileOf(path)}`;
    run.progress.note(`dump taken and read back, ${proof}`);
    return withCopies(session, journal, outputsOf(manager, path, manifest, [proof]), inputs, run);
  },
};

/**
 * The check counts for the run that made it. Where the plan of a later run did not see both hosts, the check is left out.
 *
 * @throws when nothing was done beyond a check of an earlier run.
 */
function requireCheck({ manager, journal, locked }: OneManager): void {
  if (!entries.check.isDone(journal) || isBegun([journal]) || locked) return;
  throw new Error(
    `${manager.host.label}: an earlier run checked ${manager.spec.node} and ended there; this one did not see both hosts in time to check again. Nothing was changed. Run pulumi up again; where a host stays slow, give a new incident name, under which everything is checked again.`,
  );
}

/** Why there is nothing to dump any more, or not now: its files are backed up, and what is loaded is made of them. */
async function noDumpBecause(manager: Manager, journal: Noted): Promise<string | undefined> {
  const { node } = manager.spec;
  if (entries.clear(node).isBegun(journal)) return `the files of ${node} were backed up and cleared before`;
  if (manager.facts.beams.length === 0) return `${node} is down and its files are backed up`;
  const missing = lacking(await askIfThere(manager), [node]);
  return missing && `${node} ${missing} and its files are backed up`;
}
