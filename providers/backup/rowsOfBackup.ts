import { verifyBackup } from "../../leofs/incident/backups/backupPlace";
import { entries } from "../../leofs/incident/entries";
import { unseen } from "../../leofs/planLine";
import { keepLock, openManager } from "../session/oneManager";
import { outputsOf, withCopies } from "./backupOutputs";
import { proveLoadable } from "./loadable";
import type { BackupKind } from "./mnesiaBackupTypes";

/** The rows in the files that were backed up of a manager. Whether it runs again by now makes no difference. */
export const rowsOfBackup: BackupKind = {
  async plan(session, inputs) {
    const { manager } = inputs;
    const seen = await session.glance(manager, inputs);
    if ("problem" in seen) return [unseen(manager.node, seen.problem)];
    return entries.final(manager.node).isDone(seen.seen.journal)
      ? []
      : ["a copy of it is loaded beside the backups and dumped, while the managers start"];
  },

  async converge(session, inputs, run) {
    const { manager: target } = inputs;
    const one = await openManager(session, target, inputs);
    const { manager, incident, journal } = one;
    await keepLock(session, one, target, inputs, run.progress);
    const path = entries.files(target.node).done(journal)?.path;
    const manifest = path === undefined ? undefined : await verifyBackup(journal, path);
    run.touching();
    const rows = await proveLoadable(manager, incident, { path, manifest }, inputs, run);
    const made = outputsOf(manager, rows.path, rows.manifest, rows.evidence);
    return withCopies(session, journal, made, inputs, run);
  },
};
