import { entries, type Noted } from "../incident/entries";
import { readJournal } from "../incident/journal";
import { surprises } from "../incident/surprises";
import type { Manager } from "../manager/manager";
import { MemoryOnly } from "../manager/ready";
import {
  type Comparison,
  type Dump,
  describeDifferences,
  otherTables,
  textWithout,
  without,
} from "../mnesia/dump";
import { USERS_TABLES } from "../mnesia/tables";
import {
  compareAtRest,
  comparePair,
  hasArrived,
  type PairComparison,
  readDump,
  readDumpText,
  removeRows,
  usersWrites,
} from "./compare";
import { formPair } from "./formPair";
import { loadDump, removeOwnFile } from "./load";
import { GO_BACK, type Pair, type PairEvidence } from "./pair";

/** What loading a dump into a fresh pair ended with. */
export interface ImportResult {
  tables: number;
  rows: number;
  /** Rows of LeoFS's fresh tables that were removed again, by table and key. */
  removed: string[];
  evidence: string[];
}

/**
 * Puts a dump into a fresh pair: waits until both managers hold every table on disc, loads once, removes what
 * LeoFS's fresh tables brought back, and judges by comparing every row on both managers.
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
  file: string,
  said: (line: string) => void,
): Promise<ImportResult> {
  const { place } = holder;
  const whole = await readDump(holder, file);
  const journal = await readJournal(place);
  const earlier = entries.load.done(journal);
  await refuseOldTables(holder, journal);
  const formed = await formPair(pair, said).catch((error: unknown) => {
    throw error instanceof MemoryOnly && !entries.proven.isDone(journal) ? loadAgain(error, file) : error;
  });
  const left = tablesLeftOut(whole, formed);
  const expected = without(whole, left);
  const rows = rowsOf(expected);
  if (earlier && !(await madeAnewSince(holder, earlier)))
    return {
      tables: expected.tables.size,
      rows,
      removed: [],
      evidence: [`adopted: the dump was loaded before, at ${String(earlier.at)}`],
    };
  said("comparing the fresh pair with the dump");
  let comparison = await comparePair(pair, expected);
  // When it was begun and its rows are there, what differs came since: a second load would undo that.
  const arrived = entries.load.isBegun(journal) && hasArrived(expected, comparison);
  const schema = arrived ? await holder.schemaName() : undefined;
  const loaded = surprises.loadedUnnoted({ journal }, { file, schema, arrived });
  if (!loaded && !holds(comparison)) {
    await entries.load.begin(place, { file, schema: await holder.schemaName() });
    said(`loading ${expected.tables.size} tables, ${rows} rows on ${holder.manager.node}`);
    await loadTables(holder, file, left, expected.tables.size);
    said("comparing both managers with the dump, row by row");
    comparison = await compareAtRest(pair, expected);
  }
  const removed = comparison.revived.map((row) => row.label);
  if (comparison.revived.length > 0) {
    said(`removing what fresh tables brought back: ${removed.join(", ")}`);
    await removeRows(holder, comparison.revived);
    comparison = await compareAtRest(pair, expected);
  }
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
  await entries.load.finish(place, { file, evidence, schema: await holder.schemaName() });
  return { tables: expected.tables.size, rows, removed, evidence };
}

/** Before a pair is proven all of its rows are in the dump. */
const loadAgain = ({ found }: MemoryOnly, file: string): Error =>
  new Error(
    `${found} Stop both managers, move their Mnesia directories aside, start the master, then the slave, and run pulumi up again: it loads ${file} again. What users wrote since the pair was started is in the directories that were moved.`,
  );

const rowsOf = ({ tables }: Dump): number =>
  [...tables.values()].reduce((sum, table) => sum + table.rows.length, 0);

/**
 * Tables of the dump that the fresh pair has not made: those of an older LeoFS, or of a build of its own. A load would make
 * them in memory only, on one manager (`New table`).
 */
function tablesLeftOut(dump: Dump, { first, second }: PairEvidence): string[] {
  const nodes = [first.node, second.node];
  const isThere = (name: string) =>
    [first, second].every((one) => nodes.every((node) => one.tables.get(name)?.disc.includes(node)));
  return otherTables(dump.tables.keys()).filter((name) => !isThere(name));
}

const leftOutText = (dump: Dump, left: readonly string[], file: string): string[] =>
  left.map(
    (name) =>
      `not loaded: ${name}, which the new pair's LeoFS does not have; its ${dump.tables.get(name)!.rows.length} rows are in the backup: ${file}`,
  );

/** Loads a dump, or a copy of it without some tables, which is removed again. */
async function loadTables(
  holder: Manager,
  file: string,
  left: readonly string[],
  tables: number,
): Promise<void> {
  if (left.length === 0) {
    await loadDump(holder, file, tables);
    return;
  }
  const { host, as, place, manager } = holder;
  const part = `${place.directory}/.load-${manager.node}.txt`;
  const stdin = textWithout(await readDumpText(holder, file), left);
  try {
    const { code, stderr } = await host.run('umask 077; cat > "$1"', [part], { as, stdin });
    if (code !== 0) throw new Error(`${host.label}: ${part} could not be written: ${stderr.trim()}`);
    await loadDump(holder, part, tables);
  } finally {
    await removeOwnFile(host, part, as);
  }
}

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
      (table) => !table.whole && table.missing.length === 0 && table.changed.length === 0,
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
