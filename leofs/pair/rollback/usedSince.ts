import { verifyBackup } from "../../incident/backups/backupPlace";
import { dumpFileOf } from "../../incident/backups/dumpBackup";
import { finalDump, rowsInFiles } from "../../incident/backups/finalDump";
import { totalBytes } from "../../incident/backups/tree";
import { entries } from "../../incident/entries";
import { hasDataBack, isGivenUp } from "../../incident/incident";
import type { Incident } from "../../incident/readIncident";
import { listDirectory } from "../../manager/directory";
import { askIfThere } from "../../manager/ready";
import { compareDumps, type Dump, isFreshRow } from "../../mnesia/dump";
import { USERS_TABLES } from "../../mnesia/tables";
import { readDump, withDump } from "../compare";
import { hasArrived } from "../usersWrites";
import { isAsBefore } from "./returnFiles";
import type { RollbackSide, RollbackSides } from "./rollbackState";

/**
 * Rows by which a pair was put to use since its recovery was begun: users, credentials, buckets and endpoints that were
 * written, changed or deleted. What LeoFS writes into fresh tables by itself is none.
 *
 * @param loaded the manager had all rows of `expected` once, so that one that is gone was deleted by somebody
 */
export async function rowsOfUse(expected: Dump, actual: Dump, loaded: boolean): Promise<string[]> {
  const { differences } = await compareDumps(expected, actual);
  return differences
    .filter(({ table, whole }) => USERS_TABLES.includes(table) && whole === undefined)
    .flatMap(({ table, extra, changed, missing }) => [
      ...extra.filter((label) => !isFreshRow(table, label)).map((label) => `${label} is new`),
      ...changed
        .filter(({ label }) => !isFreshRow(table, label))
        .map(({ label, fields }) => `${label} was changed (${fields.join(", ")})`),
      ...(loaded ? missing.map((label) => `${label} was deleted`) : []),
    ]);
}

/** The rows of the manager with the data as they were last backed up; undefined when there is no dump. */
export async function backedUpRows({ good }: RollbackSides): Promise<Dump | undefined> {
  const { journal, manager } = good;
  const path = entries.final(manager.spec.node).done(journal)?.path ?? entries.dump.done(journal)?.path;
  return path !== undefined ? readDump(manager, dumpFileOf(path)) : undefined;
}

/**
 * The backup of the manager with the data whose rows were not dumped yet, where the rollback must know them: it would be put
 * in the place of what that one has, or the other one was given it. A dump from before the stop does not tell what users
 * wrote until then from what they wrote since. Undefined: there is none.
 */
export function undumped({ good, other, online }: RollbackSides): string | undefined {
  const { node } = good.manager.spec;
  const both = [good.journal, other.journal];
  const given = entries.restore(other.manager.spec.node).isBegun(other.journal);
  const needed = given || (good.replaces && !good.cleared);
  if (online || !needed || isGivenUp(both) || both.some((one) => entries.proven.isDone(one)))
    return undefined;
  const backup = entries.files(node).done(good.journal)?.path;
  return entries.final(node).done(good.journal)?.from === backup ? undefined : backup;
}

/** Dumps these rows. Where this host cannot load the backup, the dump from before the stop is all there is. */
export async function dumpRows({ good }: RollbackSides, incident: Incident, path: string): Promise<void> {
  const manifest = await verifyBackup(good.journal, path);
  await finalDump(good.manager, { path, manifest }, incident);
}

/** By which rows a manager whose files are to be replaced was put to use, as it answers now; empty: none, or silent. */
export async function useWhileRunning(
  side: RollbackSide,
  sides: RollbackSides,
  expected: Dump,
): Promise<string[]> {
  if (!side.replaces || !side.running) return [];
  const evidence = await askIfThere(side.manager);
  if (evidence?.mnesia !== "yes" || evidence.tables.size === 0) return [];
  return withDump(side.manager, async (actual) =>
    rowsOfUse(expected, actual, await wasLoaded(side, sides, expected, actual)),
  );
}

/** By which rows it was put to use, as its files tell once it is down. `problem`: they tell nothing. */
export async function useInFiles(
  side: RollbackSide,
  sides: RollbackSides,
  expected: Dump,
): Promise<{ rows: string[] } | { problem: string }> {
  const { host, as, settings } = side.manager;
  const { files } = await listDirectory(host, settings.mnesiaDirectory, as);
  if (!side.replaces || files.length === 0 || (await holdsOriginal(side))) return { rows: [] };
  const bytes = totalBytes(files);
  const found = await rowsInFiles(side.manager, settings.mnesiaDirectory, bytes, "use", async (actual) =>
    rowsOfUse(expected, actual, await wasLoaded(side, sides, expected, actual)),
  );
  return "problem" in found ? found : { rows: found.seen };
}

/** Whether its files are back already: put there by a rollback that was interrupted before it could note it. */
async function holdsOriginal({ manager, journal, original }: RollbackSide): Promise<boolean> {
  if (original?.backup === undefined) return false;
  return isAsBefore(manager, manager.settings.mnesiaDirectory, await verifyBackup(journal, original.backup));
}

/**
 * Whether all rows were in this manager once: it had them all along, or was given them. Users write as soon as a load put them
 * back, and that it did is noted later, once all is compared: what it put there tells by itself.
 */
export async function wasLoaded(
  { journal, manager, cleared }: Pick<RollbackSide, "journal" | "manager" | "cleared">,
  { good }: { good: Pick<RollbackSide, "journal"> },
  expected: Dump,
  actual: Dump,
): Promise<boolean> {
  if (!cleared || hasDataBack(manager.spec.node, [journal, good.journal])) return true;
  return entries.load.isBegun(good.journal) && hasArrived(expected, [await compareDumps(expected, actual)]);
}
