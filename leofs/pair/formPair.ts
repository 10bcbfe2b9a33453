import { type Report, WaitedTooLong } from "../../remote/wait";
import { asideName, emptyDirectory } from "../incident/backups/clearDirectory";
import { rowsInFiles } from "../incident/backups/finalDump";
import { totalBytes } from "../incident/backups/tree";
import { entries } from "../incident/entries";
import type { Incident } from "../incident/readIncident";
import { surprises } from "../incident/surprises";
import { listDirectory } from "../manager/directory";
import type { Manager, Stopped } from "../manager/manager";
import { ifDown } from "../manager/proven";
import { askIfThere } from "../manager/ready";
import { type Dump, isFreshRow, keysIn, rowLabel } from "../mnesia/dump";
import { factsOf, TABLES, USERS_TABLES } from "../mnesia/tables";
import {
  PAIR_LIMIT_SECONDS,
  type Pair,
  type PairEvidence,
  type PairPatience,
  StoppedItself,
  waitForPair,
} from "./pair";

/** A pair forms in 4 to 10 s. One that does not have all its tables after this long is not forming any more. */
const FORMED_SECONDS = 60;

/** How often the two managers of a pair that does not form are emptied and started again. */
const ROUNDS = 4;

/** Starts of a manager that stopped itself, before a fresh pair is emptied: only a slave that came too early needs one. */
const RESTARTS_IN_A_ROUND = 2;

/**
 * Waits until two managers whose directories this incident cleared have formed a pair. Starts alone do not always form one: a
 * master that failed while it made the tables stays without Mnesia, and its slave finds no tables at each start; one that was
 * ended in the middle (killed, rebooted) has a schema and not all tables, which LeoFS never completes. Both managers of such a
 * pair are stopped, what they have is moved aside, not deleted, and both are started again, up to 4 times and 200 s.
 *
 * @param tables what a pair must have that has formed
 * @throws what `waitForPair` throws when that is not the reason, or did not help
 */
export async function formPair(
  pair: Pair,
  incident: Incident,
  report: Report,
  tables: PairPatience["tables"] = "all",
): Promise<PairEvidence> {
  const hopeless = (manager: Manager) => neverStarts(manager, pair, incident);
  const { clock } = pair.master.host;
  const started = clock.now();
  for (let round = 1; ; round += 1) {
    try {
      return await waitForPair(pair, report, {
        tables,
        hopeless,
        limitSeconds: FORMED_SECONDS,
        restarts: RESTARTS_IN_A_ROUND,
      });
    } catch (error) {
      if (!(error instanceof WaitedTooLong || error instanceof StoppedItself)) throw error;
      if (!(await isUnformed(pair, incident))) return waitForPair(pair, report, { tables });
      if (round > ROUNDS || clock.now() - started > PAIR_LIMIT_SECONDS * 1000) throw error;
      report(`the pair did not form: emptying both managers and starting them again (${round} of ${ROUNDS})`);
    }
    await moveAside([pair.master, pair.slave], incident, report);
    for (const [manager, partner] of [
      [pair.master, pair.slave],
      [pair.slave, pair.master],
    ] as const) {
      report(`starting ${manager.spec.node}`);
      await manager.start(partner.spec.node);
    }
  }
}

/** Both directories were cleared for this incident, nothing was loaded since, and no manager came to all tables. */
async function isUnformed({ master, slave }: Pair, incident: Incident): Promise<boolean> {
  const managers = [master, slave];
  const pair = managers.map((manager) => ({ journal: incident.on(manager), node: manager.spec.node }));
  // Nobody is asked for his tables when it could not be that.
  if (!surprises.unformed(pair, { everyTable: [] })) return false;
  return surprises.unformed(pair, { everyTable: await Promise.all(managers.map(hasEveryTable)) });
}

/** A manager that is down, whose files lack tables that nobody else can give it: each start of it ends like the last. Without the late ones it starts. */
async function neverStarts(manager: Manager, pair: Pair, incident: Incident): Promise<boolean> {
  const { copies } = await manager.schemaIn(manager.settings.mnesiaDirectory);
  const lacks = TABLES.some((name) => !factsOf(name).late && !copies.has(name));
  return copies.size > 0 && lacks && isUnformed(pair, incident);
}

async function hasEveryTable(manager: Manager): Promise<boolean> {
  const evidence = await askIfThere(manager);
  const tables =
    evidence?.mnesia === "yes"
      ? evidence.tables
      : (await manager.schemaIn(manager.settings.mnesiaDirectory)).copies;
  return TABLES.every((name) => tables.has(name));
}

async function moveAside(managers: readonly Manager[], incident: Incident, report: Report): Promise<void> {
  const down: Stopped[] = [];
  for (const manager of managers) down.push(await ended(manager, incident, report));
  for (const manager of down) await refuseRows(manager);
  for (const manager of down) {
    const { spec, settings } = manager;
    const journal = incident.on(manager);
    const directory = settings.mnesiaDirectory;
    const aside = await asideName(manager, "unformed");
    report(`moving what ${spec.node} has to ${aside}`);
    const entry = entries.unformed(aside, spec.node);
    await entry.begin(journal, { directory, aside });
    await emptyDirectory(manager, aside);
    await entry.finish(journal, { directory, aside });
  }
}

/** A manager that is down, with no start of it under way. */
async function ended(manager: Manager, incident: Incident, report: Report): Promise<Stopped> {
  const down = await ifDown(manager);
  if (down && !(await manager.starts())) return down;
  report(`stopping ${manager.spec.node}`);
  return manager.stop(incident.on(manager).noting);
}

/** No user can have written to tables that never were complete; should one have, that is not moved out of sight. */
async function refuseRows(manager: Stopped): Promise<void> {
  const { host, as, settings, spec } = manager;
  const directory = settings.mnesiaDirectory;
  const { files } = await listDirectory(host, directory, as);
  if (files.length === 0) return;
  const found = await rowsInFiles(manager, directory, totalBytes(files), "unformed", someOfUsers);
  if ("problem" in found) return;
  const rows = found.seen;
  if (rows.length > 0)
    throw new Error(
      `${host.label}: ${spec.node} does not have all tables, and those it has hold rows that users wrote: ${rows.join(", ")}. Both managers are stopped and nothing was moved. ` +
        `If these rows may go, move ${directory} aside and run pulumi up again.`,
    );
}

/** Some rows of users, as messages name them; empty: there are none. */
async function someOfUsers(dump: Dump): Promise<string[]> {
  const rows: string[] = [];
  for await (const [table, key] of keysIn(dump, USERS_TABLES)) {
    const label = rowLabel(table, key);
    if (!isFreshRow(table, label)) rows.push(label);
    if (rows.length === 4) break;
  }
  return rows;
}
