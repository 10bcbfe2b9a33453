import { dumpFileOf } from "../incident/backups/dumpBackup";
import { entries } from "../incident/entries";
import type { Noted } from "../incident/journal";
import { surprises } from "../incident/surprises";
import type { Manager } from "../manager/manager";
import type { Dump } from "../mnesia/dump";
import type { PairComparison } from "./compare";
import { GO_BACK } from "./pair";
import { hasArrived } from "./usersWrites";

/** A load of a dump, and what is noted of it. */
export interface Loading {
  /** The manager on whose host the dump lies. */
  holder: Manager;
  /** What its host remembers. */
  journal: Noted;
  /** The dump. */
  file: string;
}

/**
 * Whether an earlier run loaded the dump and ended before it noted that: it was begun and its rows are there. What differs
 * came since, and a second load would undo it.
 */
export async function wasLoaded(
  { holder, journal, file }: Loading,
  expected: Dump,
  comparison: PairComparison | undefined,
): Promise<boolean> {
  const arrived =
    entries.load.begun(journal) !== undefined &&
    comparison !== undefined &&
    hasArrived(expected, [comparison.master, comparison.slave]);
  const schema = arrived ? await holder.schemaName() : undefined;
  return surprises.loadedUnnoted({ journal }, { file, schema, arrived });
}

/**
 * What was loaded was dumped while the manager with the data ran, since its files cannot be loaded: what users wrote from then
 * until its stop is not in the pair, and the operator has to know. Undefined: all is in it.
 */
export function writtenSinceDump(journal: Noted, node: string): string | undefined {
  const [load, dump] = [entries.load.done(journal), entries.dump.done(journal)];
  const files = entries.files(node).done(journal)?.path;
  if (files === undefined || dump?.path === undefined || load?.file !== dumpFileOf(dump.path))
    return undefined;
  return `what users wrote on ${node} after its dump (${dump.at ?? dump.path}) and before its stop is not in the pair: its files could not be loaded. They are kept: ${files}. See with get-users and get-buckets what is missing, and make it again; pulumi destroy forgets this line`;
}

/** The tables that a load which an earlier run began in parts left for later, as far as they were not loaded since. */
export async function notLoaded({ holder, journal }: Loading): Promise<readonly string[]> {
  const [begun, later] = [entries.load.begun(journal), entries.loadLater.done(journal)];
  const done = later !== undefined && later.file === begun?.file && !(await formedAgainSince(holder, later));
  return done ? [] : (begun?.later ?? []);
}

/**
 * A survivor whose directory was cleared, put back by hand and started serves its old tables: no pair forms with them, and
 * what users wrote there since is nowhere else.
 */
export async function refuseOldTables({ holder, journal }: Loading): Promise<void> {
  const { host, spec, settings } = holder;
  const of = { journal, node: spec.node };
  // Nobody is asked when it could not be that.
  if (!surprises.oldTablesBack(of, { schema: entries.check.done(journal)?.schema })) return;
  const now = (await holder.schemaName()) ?? (await holder.schemaIn(settings.mnesiaDirectory)).cookie;
  if (!surprises.oldTablesBack(of, { schema: now })) return;
  throw new Error(
    `${host.label}: ${spec.node} has its tables from before this incident again: somebody put them back into ${settings.mnesiaDirectory}. No pair forms with them, and what was written since is there only. ` +
      `If that is nothing, stop ${spec.node}, move that directory away and run pulumi up again. ${GO_BACK}`,
  );
}

/** Whether the pair was formed again after a load: somebody emptied both directories by hand, and the rows went with them. */
export async function formedAgainSince(
  manager: Manager,
  load: { schema: string | undefined },
): Promise<boolean> {
  if (load.schema === undefined) return false;
  return surprises.formedAgain(load, { schema: await manager.schemaName() });
}
