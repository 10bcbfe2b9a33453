import { script } from "../../../remote/script";
import type { Manager } from "../../manager/manager";
import { entries } from "../entries";
import type { Noted } from "../journal";
import { surprises } from "../surprises";
import type { FileBackup } from "./fileBackup";

const BESIDE = script("leofs/incident/scripts/list-beside.sh");

/** Directories beside a Mnesia directory that hold tables of this name, moved there by hand or by a recovery. */
async function directoriesWith(manager: Manager, schema: string | undefined): Promise<string[]> {
  const { host, as, settings } = manager;
  const { stdout } = await host.run(BESIDE, { directory: settings.mnesiaDirectory }, { as });
  const found: string[] = [];
  for (const directory of stdout.split("\n").filter(Boolean)) {
    const name = (await manager.schemaIn(directory)).cookie;
    if (name !== undefined && (schema === undefined || name === schema)) found.push(directory);
  }
  return found;
}

/**
 * Sees that a backup of the manager with the data holds the tables that the incident began with. Somebody may have moved
 * its directory away by hand, and a start then fills it with new, empty tables, which would pass for the data.
 *
 * @throws with where the tables are, and what to do.
 */
export async function refuseOtherTables(
  manager: Manager,
  { path }: FileBackup,
  journal: Noted,
): Promise<void> {
  const found = path && (await manager.schemaIn(`${path}/mnesia`)).cookie;
  if (!surprises.tablesReplaced({ journal }, { files: path !== undefined, schema: found })) return;
  const { host, spec, settings } = manager;
  const directory = settings.mnesiaDirectory;
  const what = path
    ? "holds other tables than when this incident was begun: they were replaced since"
    : "holds no Mnesia files any more";
  const beside = await directoriesWith(manager, entries.check.done(journal)?.schema);
  const where = beside.length > 0 ? ` Its tables are in ${beside.join(" and in ")}.` : "";
  throw new Error(
    `${host.label}: ${directory} of ${spec.node} ${what}.${where} ` +
      `Stop ${spec.node}, move that directory away and the one with its tables back in its place, then run pulumi up again. Nothing of them was changed or deleted.`,
  );
}
