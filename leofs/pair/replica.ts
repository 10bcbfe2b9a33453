import { messageOf } from "../../remote/errors";
import type { Report } from "../../remote/wait";
import { asideName, emptyDirectory } from "../incident/backups/clearDirectory";
import { entries } from "../incident/entries";
import type { Incident } from "../incident/readIncident";
import { surprises } from "../incident/surprises";
import { listDirectory } from "../manager/directory";
import type { Manager, Stopped } from "../manager/manager";
import { stopped } from "../manager/proven";
import { sentence } from "../sentence";
import { besideOf, makeBeside, putReplicaInPlace } from "./replicaDirectory";
import {
  addCopy,
  type Copies,
  joinReplica,
  notJoined,
  notOnExactly,
  type ReplicaFacts,
  replicaFacts,
} from "./replicaTables";
import { type ReplicaVm, startReplicaVm } from "./replicaVm";
import { hasFiles, serveFirst, withoutFiles } from "./serveFirst";
import { takenBack, takeOut } from "./takeOut";

/** What became of a replica. */
export interface ReplicaResult {
  tables: number;
  rows: number;
  evidence: string[];
}

/** The manager whose place a replica takes. */
export interface Replaced {
  /** Its node name. */
  node: string;
  /** Stops it for good, once the replica has every table; what was done, as evidence. Default: it is down. */
  retire?: (() => Promise<string[]>) | undefined;
}

/** A table of so many rows takes a moment to copy, and is told by its name. */
const TOLD_ROWS = 10_000;

/**
 * Makes a stopped manager with an empty directory a replica of the serving one, which goes on serving: a temporary VM
 * under its name joins the serving Mnesia, takes a copy of every table, writes them to disc and ends; then they are put in
 * the place of the empty directory. Tables that LeoFS never heard of come along.
 *
 * Once an incident. What an earlier run left half done is taken back first, and after a failure too: the serving manager's
 * schema then has neither name of `made`, and what was in the directory is moved aside.
 *
 * @param replaced the manager whose place is taken, to be forgotten; undefined where it is `made` itself
 * @throws what was refused, by whom and why.
 */
export async function makeReplica(
  serving: Manager,
  made: Manager,
  incident: Incident,
  replaced: Replaced | undefined,
  report: Report,
): Promise<ReplicaResult> {
  const { node: lost, retire } = replaced ?? {};
  const { node } = made.spec;
  const both = [serving.spec.node, node];
  const entry = entries.replica(node);
  const journal = incident.on(made);
  await serveFirst(serving, made, () => withoutFiles(made), report, {
    lost,
    unmade: isUnmade(incident, made),
  });
  const earlier = entry.done(journal);
  const onBoth = earlier !== undefined && notOnExactly(await replicaFacts(serving), both) === undefined;
  if (earlier && !surprises.replicaGone({ journal, node }, { onBoth, files: await hasFiles(made) }))
    return summary(await replicaFacts(serving), [
      `adopted: ${node} was made a replica at ${String(earlier.at)}`,
    ]);
  const facts = await replicaFacts(serving);
  refuseOthers(serving, facts, [...both, ...(lost ? [lost] : [])]);
  if (lost && !retire && facts.running.includes(lost))
    throw new Error(
      `${serving.spec.node} is connected to the Mnesia of ${lost}, which is called lost. Nothing was changed. Stop ${lost} for good, then run pulumi up again.`,
    );
  const down = await stopped(made, journal.noting, report);
  for (const manager of [serving, made])
    await entry.begin(incident.on(manager), { serving: serving.spec.node });
  await takeOut(serving, node, report);
  await emptied(down);
  const mode = await makeBeside(down);
  report(`starting a temporary VM as ${node}`);
  const vm = await startReplicaVm(down, besideOf(down));
  try {
    await fill(serving, node, report);
    const retired = (await retire?.()) ?? [];
    if (lost) await takeOut(serving, lost, report);
    const evidence = [...(await closed(vm, serving, down, both)), ...retired];
    await putReplicaInPlace(down, mode);
    const result = summary(await replicaFacts(serving), evidence);
    for (const manager of [serving, made]) await entry.finish(incident.on(manager), { evidence });
    return result;
  } catch (error) {
    await vm.drop();
    const back = await takenBack(serving, node, retire && lost, report);
    throw new Error(`${made.host.label}: ${sentence(messageOf(error))} ${back} Run pulumi up again.`, {
      cause: error,
    });
  }
}

/** A replica beyond the pair and the lost one: somebody else's, or one that came back. */
function refuseOthers(serving: Manager, { known }: ReplicaFacts, expected: readonly string[]): void {
  const others = known.filter((node) => !expected.includes(node));
  if (others.length > 0)
    throw new Error(
      `${serving.spec.node} has replicas on ${others.join(", ")} too. Nothing was changed. Stop that manager for good, take it out (mnesia:del_table_copy(schema, Node) on ${serving.spec.node}), then run pulumi up again.`,
    );
}

/** A replica was begun and is not whole: its manager has no files, and never ran with any. */
export const isUnmade = ({ journals }: Incident, { spec: { node } }: Manager): boolean => {
  const entry = entries.replica(node);
  return (
    journals.some((journal) => entry.isBegun(journal)) && !journals.some((journal) => entry.isDone(journal))
  );
};

/** What an earlier version, or a start by hand, left in the directory since it was cleared is moved aside. */
async function emptied(made: Stopped): Promise<void> {
  const { exists, files } = await listDirectory(made.host, made.settings.mnesiaDirectory, made.as);
  if (exists && files.length === 0) return;
  await emptyDirectory(made, await asideName(made, "replica"));
}

async function fill(serving: Manager, node: string, report: Report): Promise<void> {
  await joinReplica(serving, node);
  const { tables: all, running } = await replicaFacts(serving);
  // A table that no manager has that runs goes with the one that had it.
  const there = ({ disc }: Copies) => disc.some((one) => running.includes(one));
  const tables = all.filter((table) => there(table) && !table.disc.includes(node));
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  report(`copying ${tables.length} tables, ${rows} rows`);
  for (const [index, table] of tables.entries()) {
    if (table.rows >= TOLD_ROWS)
      report(`copying ${table.name}: ${table.rows} rows (${index + 1} of ${tables.length} tables)`);
    await addCopy(serving, node, table);
  }
  const problem = notJoined(await replicaFacts(serving), node);
  if (problem) throw new Error(problem);
}

/** The replica is whole: as the serving manager has it while the VM runs, and as files beside the directory once it ended. */
async function closed(
  vm: ReplicaVm,
  serving: Manager,
  made: Stopped,
  both: readonly string[],
): Promise<string[]> {
  const facts = await replicaFacts(serving);
  const problem = notJoined(facts, made.spec.node) ?? notOnExactly(facts, both);
  if (problem) throw new Error(problem);
  await vm.close();
  const { files } = await listDirectory(made.host, besideOf(made), made.as);
  const names = new Set(files.map(({ name }) => name));
  const wanted = facts.tables.map(({ name }) => (name === "schema" ? "schema.DAT" : `${name}.DCD`));
  const missing = wanted.filter((name) => !names.has(name));
  if (missing.length > 0) throw new Error(`${besideOf(made)} does not have ${missing.join(", ")}`);
  const { tables, rows } = summary(facts, []);
  return [
    `${made.spec.node} is a replica of ${serving.spec.node}: ${tables} tables, ${rows} rows, on the discs of just these two; ${serving.spec.node} served all the time`,
  ];
}

function summary({ tables }: ReplicaFacts, evidence: string[]): ReplicaResult {
  const own = tables.filter(({ name }) => name !== "schema");
  return { tables: own.length, rows: own.reduce((sum, { rows }) => sum + rows, 0), evidence };
}
