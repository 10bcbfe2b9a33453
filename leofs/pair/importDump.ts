import { entries, type Noted } from "../incident/entries";
import type { Incident } from "../incident/readIncident";
import { surprises } from "../incident/surprises";
import type { Manager } from "../manager/manager";
import { askIfThere, MemoryOnly } from "../manager/ready";
import {
  type Comparison,
  type Dump,
  describeDifferences,
  type RowReference,
  removedRows,
  rowsBeyondFresh,
  rowsOf,
  without,
} from "../mnesia/dump";
import { LATE_TABLES, USERS_TABLES } from "../mnesia/tables";
import {
  compareAtRest,
  comparePair,
  hasArrived,
  type PairComparison,
  readDump,
  removeRows,
  usersWrites,
} from "./compare";
import { formPair } from "./formPair";
import { startAnew, whyNotMade } from "./lateTables";
import { loadTables } from "./loadTables";
import { GO_BACK, type Pair, type PairEvidence, waitForPair } from "./pair";

/** What loading a dump into a fresh pair ended with. */
export interface ImportResult {
  tables: number;
  rows: number;
  /** Rows of LeoFS's fresh tables that were removed again, by table and key. */
  removed: string[];
  evidence: string[];
}

/**
 * Puts a dump into a fresh pair, in two parts: what users have as soon as its tables are on the discs of both, the late
 * tables once they are there. Removes what LeoFS's fresh tables brought back, and judges by comparing every row on both
 * managers.
 *
 * Loading is not repeated for an incident once its rows are there: a load merges, so a second one would undo
 * what users changed since, also when the run that loaded ended before it could say so.
 *
 * @param holder the manager on whose host the dump lies
 * @param file the dump
 * @throws with the differences when the pair does not hold what the dump holds.
 */
export async function importDump(
  pair: Pair,
  holder: Manager,
  incident: Incident,
  file: string,
  said: (line: string) => void,
): Promise<ImportResult> {
  const whole = await readDump(holder, file);
  const journal = incident.on(holder);
  const earlier = entries.load.done(journal);
  await refuseOldTables(holder, journal);
  const early = (error: unknown): never => {
    throw error instanceof MemoryOnly && !entries.proven.isDone(journal) ? loadAgain(error, file) : error;
  };
  let formed = await formPair(pair, incident, said, earlier ? "all" : "users").catch(early);
  let left = tablesLeftOut(whole, formed);
  let expected = without(whole, left);
  let rows = rowsOf(expected);
  if (earlier && !(await madeAnewSince(holder, earlier)))
    return {
      tables: expected.tables.size,
      rows,
      removed: [],
      evidence: [`adopted: the dump was loaded before, at ${String(earlier.at)}`],
    };
  let comparison = await comparedWhereNeeded(pair, expected, formed, said);
  // When it was begun and its rows are there, what differs came since: a second load would undo that.
  const tried = entries.load.begun(journal);
  const arrived =
    tried !== undefined &&
    comparison !== undefined &&
    hasArrived(expected, [comparison.first, comparison.second]);
  const schema = arrived ? await holder.schemaName() : undefined;
  const loaded = surprises.loadedUnnoted({ journal }, { file, schema, arrived });
  const load = async (what: Dump) => {
    said(`loading ${what.tables.size} tables, ${rowsOf(what)} rows on ${holder.manager.node}`);
    await loadTables(holder, file, whole, what);
  };
  const labels = new Set<string>();
  const remove = async (revived: readonly RowReference[]) => {
    if (revived.length === 0) return;
    for (const { label } of revived) labels.add(label);
    said(`removing what fresh tables brought back: ${revived.map(({ label }) => label).join(", ")}`);
    await removeRows(holder, revived);
  };
  if (!loaded && !(comparison && holds(comparison))) {
    await entries.load.begin(journal, { file, schema: await holder.schemaName(), later: left });
    await load(expected);
    comparison = undefined;
  }
  // Nobody but LeoFS writes the late tables, so they may be loaded again where it is not known whether they were.
  const later = loaded ? await notLoaded(holder, tried, entries.loadLater.done(journal)) : left;
  if (later.length > 0 || left.some((name) => LATE_TABLES.includes(name))) {
    // A key that everybody knows does not stay until then.
    await remove(comparison?.revived ?? removedRows(expected));
    said("what users have is back; waiting for LeoFS's last tables");
    formed = await waitForPair(pair, said).catch(async (error) => {
      const sites = [pair.first, pair.second];
      const nodes = sites.map(({ manager }) => manager.node);
      return early(whyNotMade(error, await Promise.all(sites.map(askIfThere)), nodes, file));
    });
    left = tablesLeftOut(whole, formed);
    expected = without(whole, left);
    rows = rowsOf(expected);
    const rest = without(
      expected,
      [...expected.tables.keys()].filter((name) => !later.includes(name)),
    );
    if (rest.tables.size > 0) await load(rest);
    await entries.loadLater.finish(journal, { file, schema: await holder.schemaName() });
    comparison = undefined;
  }
  if (!comparison) {
    said("comparing both managers with the dump, row by row");
    comparison = await compareAtRest(pair, expected);
  }
  if (comparison.revived.length > 0) {
    await remove(comparison.revived);
    comparison = await compareAtRest(pair, expected);
  }
  const removed = [...labels];
  const [first, second] = [judged(comparison.first, loaded), judged(comparison.second, loaded)];
  if (first.wrong.differences.length + second.wrong.differences.length > 0) {
    const wrong = { ...comparison, first: first.wrong, second: second.wrong };
    throw new Error(differencesText(pair, wrong, `${file} on ${holder.host.label}`));
  }
  const evidence = [
    ...evidenceOf(pair, expected, rows, removed, comparison),
    ...leftOutText(whole, left, `${file} on ${holder.host.label}`),
    ...first.since,
  ];
  await entries.load.finish(journal, { file, evidence, schema: await holder.schemaName() });
  return { tables: expected.tables.size, rows, removed, evidence };
}

/**
 * How the pair compares with the dump before a load. Undefined, since it need not be compared, when a table of users has
 * fewer rows there than users wrote into the dump's: rows of it are missing.
 */
async function comparedWhereNeeded(
  pair: Pair,
  expected: Dump,
  { first, second }: PairEvidence,
  said: (line: string) => void,
): Promise<PairComparison | undefined> {
  const fewer = ["leo_s3_users", "leo_s3_buckets"].some((table) =>
    [first, second].every(({ tables }) => (tables.get(table)?.rows ?? 0) < rowsBeyondFresh(expected, table)),
  );
  if (fewer) return undefined;
  said("comparing the fresh pair with the dump");
  return comparePair(pair, expected);
}

/** The tables that a load which an earlier run began in parts left for later, as far as they were not loaded since. */
async function notLoaded(
  site: Manager,
  load: ReturnType<typeof entries.load.begun>,
  later: ReturnType<typeof entries.loadLater.done>,
): Promise<readonly string[]> {
  const names = load?.later ?? [];
  const done = later !== undefined && later.file === load?.file && !(await madeAnewSince(site, later));
  return done ? [] : names;
}

/** Before a pair is proven all of its rows are in the dump. */
const loadAgain = ({ found }: MemoryOnly, file: string): Error => new Error(`${found} ${startAnew(file)}`);

/**
 * Tables of the dump that the pair has not made: late ones, and those of an older LeoFS or of a build of its own. A load would
 * make them in memory only, on one manager (`New table`).
 */
function tablesLeftOut(dump: Dump, { first, second }: PairEvidence): string[] {
  const nodes = [first.node, second.node];
  const isThere = (name: string) =>
    [first, second].every((one) => {
      const fact = one.tables.get(name);
      return fact?.loaded && nodes.every((node) => fact.disc.includes(node));
    });
  return [...dump.tables.keys()].filter((name) => !isThere(name)).sort();
}

const leftOutText = (dump: Dump, left: readonly string[], file: string): string[] =>
  left.map(
    (name) =>
      `not loaded: ${name}, which the new pair's LeoFS does not have; its ${dump.tables.get(name)!.rows} rows are in the backup: ${file}`,
  );

/**
 * A survivor whose directory was cleared, put back by hand and started serves its old tables: no pair forms with them, and
 * what users wrote there since is nowhere else.
 */
async function refuseOldTables(site: Manager, journal: Noted): Promise<void> {
  const { host, manager, settings } = site;
  const of = { journal, node: manager.node };
  // Nobody is asked when it could not be that.
  if (!surprises.oldTablesBack(of, { schema: entries.check.done(journal)?.schema })) return;
  const now = (await site.schemaName()) ?? (await site.schemaIn(settings.mnesiaDirectory)).cookie;
  if (!surprises.oldTablesBack(of, { schema: now })) return;
  throw new Error(
    `${host.label}: ${manager.node} has its tables from before this incident again: somebody put them back into ${settings.mnesiaDirectory}. No pair forms with them, and what was written since is there only. ` +
      `If that is nothing, stop ${manager.node}, move that directory away and run pulumi up again. ${GO_BACK}`,
  );
}

/**
 * What of a comparison is wrong, and what came since. After a load of this run a row of users may look older (a manager
 * with a slow clock wrote it); one that an earlier run began may have been made by hand from an older dump, so there
 * older rows are wrong, and what LeoFS wrote in other tables meanwhile is its own.
 */
export function judged(comparison: Comparison, earlier: boolean): { wrong: Comparison; since: string[] } {
  const { rest, text } = usersWrites(comparison, { older: earlier ? "old" : "slow clock" });
  const since = text ? [text] : [];
  if (!earlier) return { wrong: rest, since };
  const others = rest.differences.filter(({ table }) => !USERS_TABLES.includes(table));
  const wrong = { ...rest, differences: rest.differences.filter((one) => !others.includes(one)) };
  const changes = describeDifferences({ ...rest, differences: others });
  return { wrong, since: [...since, ...changes.map((line) => `since the load: ${line}`)] };
}

/** Whether the pair was formed again after a load: somebody emptied both directories by hand, and the rows went with them. */
async function madeAnewSince(site: Manager, load: { schema: string | undefined }): Promise<boolean> {
  if (load.schema === undefined) return false;
  return surprises.formedAgain(load, { schema: await site.schemaName() });
}

/** Whether every row of the dump is there on both; more rows than that are looked at afterwards. */
const holds = ({ first, second }: PairComparison): boolean =>
  [first, second].every((one) =>
    one.differences.every(
      ({ whole, missing, changed, unnamed }) =>
        !whole && missing.length + changed.length + (unnamed?.missing ?? 0) + (unnamed?.changed ?? 0) === 0,
    ),
  );

function differencesText(pair: Pair, { first, second }: PairComparison, file: string): string {
  const lines = [
    ...describeDifferences(first).map((line) => `  - ${pair.first.manager.node}: ${line}`),
    ...describeDifferences(second).map((line) => `  - ${pair.second.manager.node}: ${line}`),
  ];
  return (
    `the pair does not hold what the dump holds:\n${lines.join("\n")}\n` +
    `The dump is untouched: ${file} on ${pair.first.host.label} or ${pair.second.host.label}. ` +
    `Rows that are not expected were written meanwhile; see whether they may stay or have to go, then run pulumi up again. ${GO_BACK}`
  );
}

function evidenceOf(
  pair: Pair,
  expected: Dump,
  rows: number,
  removed: string[],
  comparison: PairComparison,
): string[] {
  const nodes = `${pair.first.manager.node} and ${pair.second.manager.node}`;
  const lines = [
    `${nodes} hold every row of the dump: ${expected.tables.size} tables, ${rows} rows, compared one by one on each`,
    `every table is on disc on both: no table in memory only`,
  ];
  if (removed.length > 0) lines.push(`removed, because the dump did not have them: ${removed.join(", ")}`);
  for (const exclusion of comparison.first.exclusions) lines.push(`not compared: ${exclusion}`);
  return lines;
}
