import type { FileBackup } from "../../leofs/incident/backups/fileBackup";
import { finalDump } from "../../leofs/incident/backups/finalDump";
import { type Manifest, rowsDumped } from "../../leofs/incident/backups/manifest";
import { entries } from "../../leofs/incident/entries";
import type { Incident } from "../../leofs/incident/readIncident";
import type { Manager } from "../../leofs/manager/manager";
import type { Run } from "../contract/handler";
import type { MnesiaBackupInputs } from "./mnesiaBackupTypes";

/** The dump that was made of a backup of files. */
export interface Loadable {
  /** Its directory; empty when the host's own Erlang could not load the backup. */
  path: string;
  manifest: Manifest | undefined;
  evidence: string[];
}

/**
 * Proves a backup loadable; the dump from it has every row up to the stop.
 *
 * @throws when the original would be moved aside next, and there is nothing else to load
 */
export async function proveLoadable(
  manager: Manager,
  incident: Incident,
  backup: FileBackup,
  inputs: MnesiaBackupInputs,
  run: Run,
): Promise<Loadable> {
  run.progress.step("proving the backup loadable, dumping its rows");
  const dump = await finalDump(manager, backup, incident);
  if ("problem" in dump) {
    if (inputs.clear && backup.path && !entries.dump.isDone(incident.on(manager)))
      throw new Error(
        `${manager.host.label}: the backup ${backup.path} cannot be loaded (${dump.problem}) and there is no dump: the Mnesia directory is left as it is. Start ${manager.spec.node}, then run pulumi up again.`,
      );
    // What users wrote between the dump and the stop would be in no dump, and nobody knows that it has to be.
    if (inputs.clear && backup.path && dump.failure === "not loaded")
      throw new Error(
        `${manager.host.label}: whether the backup ${backup.path} can be loaded is not known: no Erlang of ${manager.spec.home} came to load it (${dump.problem}). The Mnesia directory is left as it is. See why (the release, the memory, who may run it), then run pulumi up again. rollback: true starts ${manager.spec.node} again as it was.`,
      );
    const doubt = `the backup could not be loaded on this host (${dump.problem}); the dump taken before the stop is used`;
    if (inputs.clear && backup.path)
      await run.progress.warn(`${doubt}: what users wrote between the two is in the backup alone`);
    else run.progress.note(doubt);
    return { path: "", manifest: undefined, evidence: [doubt] };
  }
  const proof = `proven loadable: ${rowsDumped(dump.manifest)} rows, up to the stop, in ${dump.path}`;
  run.progress.note(proof);
  return { ...dump, evidence: [proof] };
}
