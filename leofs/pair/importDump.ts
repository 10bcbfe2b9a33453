import type { Report } from "../../remote/wait";
import { entries } from "../incident/entries";
import type { Journal } from "../incident/journal";
import type { Incident } from "../incident/readIncident";
import type { Manager } from "../manager/manager";
import { askIfThere, MemoryOnly } from "../manager/ready";
import { type Dump, type RowReference, removedRows, rowsBeyondFresh, rowsOf, without } from "../mnesia/dump";
import { LATE_TABLES } from "../mnesia/tables";
import { compareAtRest, comparePair, type PairComparison, readDump } from "./compare";
import { formedAgainSince, type Loading, notLoaded, refuseOldTables, wasLoaded } from "./earlierLoad";
import { formPair } from "./formPair";
import { evidenceOf, holds, leftOutText, requireHeld } from "./importVerdict";
import { beginAgain, whyNotMade } from "./lateTables";
import { loadTables } from "./loadTables";
import { type Pair, type PairEvidence, waitForPair } from "./pair";
import { removeRows } from "./removeRows";

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
  report: Report,
): Promise<ImportResult> {
  const whole = await readDump(holder, file);
  const journal = incident.on(holder);
  const work: Work = { pair, holder, file, report, whole, journal, removed: new Set() };
  await refuseOldTables(work);
  const earlier = entries.load.done(journal);
  const formed = await formPair(pair, incident, report, earlier ? "all" : "users").catch((error) =>
    early(work, error),
  );
  let goal = goalOf(whole, formed);
  if (earlier && !(await formedAgainSince(holder, earlier))) return adopted(goal, String(earlier.at));
  let comparison = await comparedWhereNeeded(pair, goal.expected, formed, report);
  const loaded = await wasLoaded(work, goal.expected, comparison);
  if (!loaded && !(comparison && holds(comparison))) {
    const schema = await holder.schemaName();
    await entries.load.begin(journal, { file, schema, later: goal.left });
    await load(work, goal.expected);
    comparison = undefined;
  }
  // Nobody but LeoFS writes the late tables, so they may be loaded again where it is not known whether they were.
  const later = loaded ? await notLoaded(work) : goal.left;
  if (later.length > 0 || goal.left.some((name) => LATE_TABLES.includes(name))) {
    // A key that everybody knows does not stay until then.
    await remove(work, comparison?.revived ?? removedRows(goal.expected));
    goal = await loadLate(work, later);
    comparison = undefined;
  }
  return concluded(work, goal, await cleaned(work, goal, comparison), loaded);
}

/** One import under way. */
interface Work extends Loading {
  pair: Pair;
  report: Report;
  /** What the dump holds. */
  whole: Dump;
  journal: Journal;
  /** Labels of the rows that were removed again. */
  removed: Set<string>;
}

/** What the pair must hold in the end, and what stays in the dump. */
interface Goal {
  expected: Dump;
  left: string[];
}

function goalOf(whole: Dump, formed: PairEvidence): Goal {
  const left = tablesLeftOut(whole, formed);
  return { expected: without(whole, left), left };
}

const adopted = ({ expected }: Goal, at: string): ImportResult => ({
  tables: expected.tables.size,
  rows: rowsOf(expected),
  removed: [],
  evidence: [`adopted: the dump was loaded before, at ${at}`],
});

/** Before a pair is proven all of its rows are in the dump: tables in memory only can be loaded again. */
function early({ journal, file }: Work, error: unknown): never {
  if (!(error instanceof MemoryOnly) || entries.proven.isDone(journal)) throw error;
  throw new Error(`${error.found} ${beginAgain(file)}`);
}

async function load({ holder, file, whole, report }: Work, what: Dump): Promise<void> {
  report(`loading ${what.tables.size} tables, ${rowsOf(what)} rows on ${holder.spec.node}`);
  await loadTables(holder, file, whole, what, report);
}

/** Removes what fresh tables brought back. */
async function remove({ holder, removed, report }: Work, revived: readonly RowReference[]): Promise<void> {
  if (revived.length === 0) return;
  for (const { label } of revived) removed.add(label);
  report(`removing what fresh tables brought back: ${revived.map(({ label }) => label).join(", ")}`);
  await removeRows(holder, revived);
}

/** Waits for LeoFS's last tables and loads what was left for them. */
async function loadLate(work: Work, later: readonly string[]): Promise<Goal> {
  const { pair, holder, file, report, whole, journal } = work;
  report("what users have is back; waiting for LeoFS's last tables");
  const formed = await waitForPair(pair, report).catch(async (error) => {
    const managers = [pair.master, pair.slave];
    const nodes = managers.map(({ spec }) => spec.node);
    return early(work, whyNotMade(error, await Promise.all(managers.map(askIfThere)), nodes, file));
  });
  const goal = goalOf(whole, formed);
  const others = [...goal.expected.tables.keys()].filter((name) => !later.includes(name));
  const rest = without(goal.expected, others);
  if (rest.tables.size > 0) await load(work, rest);
  await entries.loadLater.finish(journal, { file, schema: await holder.schemaName() });
  return goal;
}

/** How the pair compares with the dump once what fresh tables brought back is removed. */
async function cleaned(
  work: Work,
  { expected }: Goal,
  earlier: PairComparison | undefined,
): Promise<PairComparison> {
  const { pair, report } = work;
  if (!earlier) report("comparing both managers with the dump, row by row");
  const comparison = earlier ?? (await compareAtRest(pair, expected));
  if (comparison.revived.length === 0) return comparison;
  await remove(work, comparison.revived);
  return compareAtRest(pair, expected);
}

/** Notes that the dump is loaded. @throws with the differences when the pair does not hold what it must. */
async function concluded(
  { pair, holder, file, whole, journal, removed }: Work,
  { expected, left }: Goal,
  comparison: PairComparison,
  loaded: boolean,
): Promise<ImportResult> {
  const where = `${file} on ${holder.host.label}`;
  const since = requireHeld(pair, comparison, loaded, where);
  const evidence = [
    ...evidenceOf(pair, expected, [...removed], comparison),
    ...leftOutText(whole, left, where),
    ...since,
  ];
  await entries.load.finish(journal, { file, evidence, schema: await holder.schemaName() });
  return { tables: expected.tables.size, rows: rowsOf(expected), removed: [...removed], evidence };
}

/**
 * How the pair compares with the dump before a load. Undefined, since it need not be compared, when a table of users has
 * fewer rows there than users wrote into the dump's: rows of it are missing.
 */
async function comparedWhereNeeded(
  pair: Pair,
  expected: Dump,
  { master, slave }: PairEvidence,
  report: Report,
): Promise<PairComparison | undefined> {
  const fewer = ["leo_s3_users", "leo_s3_buckets"].some((table) =>
    [master, slave].every(({ tables }) => (tables.get(table)?.rows ?? 0) < rowsBeyondFresh(expected, table)),
  );
  if (fewer) return undefined;
  report("comparing the fresh pair with the dump");
  return comparePair(pair, expected);
}

/**
 * Tables of the dump that the pair has not made: late ones, and those of an older LeoFS or of a build of its own. A load would
 * make them in memory only, on one manager (`New table`).
 */
function tablesLeftOut(dump: Dump, { master, slave }: PairEvidence): string[] {
  const nodes = [master.node, slave.node];
  const isThere = (name: string) =>
    [master, slave].every((one) => {
      const fact = one.tables.get(name);
      return fact?.loaded && nodes.every((node) => fact.disc.includes(node));
    });
  return [...dump.tables.keys()].filter((name) => !isThere(name)).sort();
}
