import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { LATE_TABLES } from "../../../leofs/mnesia/tables";
import { readLoad } from "../../../leofs/pair/load";
import { eventually } from "../../../sandbox/commands";
import { paths } from "../../../sandbox/layout";
import { processesOf } from "../../../sandbox/processes";
import {
  type FileFacts,
  filesBelow,
  type PublishedBackup,
  publishedBelow,
} from "../../../test/engine/support/backups";
import { factsOf, type Rows, rowsOf } from "../../../test/engine/support/clusterFacts";
import { type Broken, failed, lost } from "./broken";
import type { FaultHosts } from "./faultHosts";
import { CLUSTER, INCIDENT, isOnline, isTakeover } from "./scenarios";
import type { UpResult } from "./ups";
import { missingOfWatched, type Watched, withoutWatched } from "./watcher";

/** What was there at the moment before the recovery. */
export interface Before {
  /** Of the good manager. */
  rows: Rows;
  /** Mnesia files of the other one, by name; none when it is a fresh installation. */
  otherFiles: Record<string, FileFacts>;
}

/** Published backups by path, of all hosts. */
export type Published = Record<string, PublishedBackup>;

const TABLES = 22;

const incidentDirectory = (hosts: FaultHosts, name: string): string =>
  join(hosts.sandbox.manager(name).backups, `${CLUSTER}-${INCIDENT}`);
const mnesiaOf = (hosts: FaultHosts, name: string): string => paths.mnesia(hosts.sandbox.manager(name).home);

/** To be called with the hosts as `restore` leaves them. */
export async function lookBefore(hosts: FaultHosts): Promise<Before> {
  const { good, other } = hosts.parts;
  const directory = mnesiaOf(hosts, other);
  return {
    rows: await rowsOf(hosts.sandbox, good),
    otherFiles: existsSync(directory) ? await filesBelow(directory) : {},
  };
}

/** All backups that are published now. */
export async function publishedNow(hosts: FaultHosts): Promise<Published> {
  const found = hosts.names.map(async (name) => {
    const directory = incidentDirectory(hosts, name);
    return existsSync(directory) ? publishedBelow(directory) : {};
  });
  return Object.assign({}, ...(await Promise.all(found)));
}

/** Published backups that are no longer there, or no longer the same. */
export function changedBackups(earlier: Published, now: Published): Broken[] {
  return Object.entries(earlier).flatMap(([path, backup]) => {
    const same = now[path]?.digest === backup.digest;
    return same
      ? []
      : [{ kind: "lost", what: `the published backup ${path} ${now[path] ? "changed" : "is gone"}` }];
  });
}

/**
 * Everything that must hold when the run after the fault is over. Looks without any of the product's code.
 *
 * @param watched what the client of the serving manager wrote; undefined: there was none
 */
export async function brokenPromises(
  hosts: FaultHosts,
  before: Before,
  last: UpResult,
  watched?: Watched,
): Promise<Broken[]> {
  if (!last.succeeded)
    return [
      { kind: "failed", what: `the run after the fault failed: ${last.errors.join("; ") || last.killed}` },
    ];
  const broken = [
    ...verdict(last),
    ...(await pair(hosts, before, watched)),
    ...(await files(hosts, before)),
    ...once(hosts),
    ...(await leftovers(hosts)),
    ...(await processesLeft(hosts)),
  ];
  return broken;
}

function verdict({ outcome }: UpResult): Broken[] {
  if (outcome?.verdict === "recovered") return [];
  return [failed(`the verdict is "${outcome?.verdict}": ${outcome?.debt.join("; ")}`)];
}

function rowDifferences(name: string, before: Rows, now: Rows): Broken[] {
  const tables = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...tables].flatMap((table) => {
    const [old, present] = [before[table] ?? [], now[table] ?? []];
    const gone = old.filter((row) => !present.includes(row));
    const extra = present.filter((row) => !old.includes(row));
    return [
      ...(gone.length > 0
        ? [lost(`${name}: ${table} lacks ${gone.length} rows, such as ${gone[0]!.slice(0, 200)}`)]
        : []),
      ...(extra.length > 0
        ? [failed(`${name}: ${table} has ${extra.length} rows too many, such as ${extra[0]!.slice(0, 200)}`)]
        : []),
    ];
  });
}

async function pair(hosts: FaultHosts, before: Before, watched?: Watched): Promise<Broken[]> {
  const broken: Broken[] = [];
  const { sandbox, pair: names } = hosts;
  const { from } = hosts.parts;
  const facts = await factsOf(sandbox);
  if (from && facts.managers[from]) broken.push(failed(`${from} still runs, and it has moved`));
  for (const name of names) {
    const manager = facts.managers[name];
    if (!manager) {
      broken.push(failed(`${name} does not run`));
      continue;
    }
    const rows = watched ? withoutWatched(manager.rows, watched) : manager.rows;
    broken.push(...rowDifferences(name, before.rows, rows));
    if (watched) broken.push(...missingOfWatched(name, manager.rows, watched));
    if (manager.tablesOnDisc !== TABLES)
      broken.push(failed(`${name} has ${manager.tablesOnDisc} tables on its disc`));
    if (manager.pids.length !== 1) broken.push(failed(`${name} runs ${manager.pids.length} times`));
  }
  const [one, two] = names.map((name) => facts.managers[name]);
  for (const list of ["users", "buckets", "endpoints"] as const)
    if (one?.[list] !== two?.[list]) broken.push(failed(`the consoles do not show the same ${list}`));
  const rings = new Set(Object.values(facts.rings));
  if (rings.size !== 1) broken.push(failed(`ring hashes: ${JSON.stringify(facts.rings)}`));
  const byRole = ["master", "slave"].map(
    (role) => names.map((name) => sandbox.manager(name)).find((manager) => manager.role === role)!.node,
  );
  for (const [node, follows] of Object.entries(facts.followers))
    if (follows?.join() !== byRole.join()) broken.push(failed(`${node} follows ${follows?.join(", ")}`));
  for (const name of names) broken.push(...(await partner(hosts, name, byRole)));
  return broken;
}

async function partner(hosts: FaultHosts, name: string, pair: string[]): Promise<Broken[]> {
  const { home, node } = hosts.sandbox.manager(name);
  const conf = await readFile(join(home, "etc", "leo_manager.conf"), "utf8");
  const said = [...conf.matchAll(/^manager\.partner *= *(\S+)/gm)].at(-1)?.[1];
  return said === pair.find((one) => one !== node)
    ? []
    : [failed(`the conf of ${name} has the partner ${said}`)];
}

/** Names of what a step makes for itself and takes away again. */
const OWN = /(\.partial|\.stage|\.new|\.next|\.lock|-incoming)$|^\.(probe|proof)/;

/**
 * What a pair left that was ended while it formed, and a replica that was not whole: the recovery's own work of minutes
 * before, without a row that is not elsewhere.
 */
const UNFORMED = /\.(unformed|replica)-\d+$/;

/** Directories that were moved aside, beside the Mnesia directory. */
async function movedAside(hosts: FaultHosts, name: string): Promise<string[]> {
  const directory = mnesiaOf(hosts, name);
  const parent = join(directory, "..");
  const entries = existsSync(parent) ? await readdir(parent) : [];
  return entries
    .filter((entry) => entry.startsWith("127.0.0.1.") && !OWN.test(entry) && !UNFORMED.test(entry))
    .map((entry) => join(parent, entry));
}

async function files(hosts: FaultHosts, before: Before): Promise<Broken[]> {
  const broken: Broken[] = [];
  const published = await publishedNow(hosts);
  for (const [path, { named, found }] of Object.entries(published))
    for (const file of new Set([...Object.keys(named), ...Object.keys(found)]))
      if (named[file] !== found[file]) broken.push(lost(`${path}: ${file} is not what its manifest says`));
  const backedUp = (name: string, wanted = "files"): Record<string, string>[] =>
    Object.values(published)
      .filter(({ kind, node }) => kind === wanted && node === hosts.sandbox.manager(name).node)
      .map(({ found }) => found);
  const holds = (backup: Record<string, string>, wanted: Record<string, FileFacts>) =>
    Object.entries(wanted).every(([file, { sha256 }]) => backup[`mnesia/${file}`] === sha256);
  const { good, other } = hosts.parts;
  if (
    !backedUp(other).some((backup) => holds(backup, before.otherFiles)) &&
    Object.keys(before.otherFiles).length > 0
  )
    broken.push(lost(`no published backup holds the files that ${other} had before`));
  const kind = isOnline(hosts.scenario) ? "dump" : "files";
  if (backedUp(good, kind).length === 0) broken.push(lost(`there is no backup (${kind}) of ${good}`));
  const cleared = clearedOf(hosts);
  for (const name of hosts.names) {
    const aside = await movedAside(hosts, name);
    if (aside.length !== (name === cleared ? 1 : 0))
      broken.push(
        failed(`${name}: beside the Mnesia directory are ${aside.length} others: ${aside.join(", ")}`),
      );
    for (const directory of aside) {
      const kept = await filesBelow(directory);
      if (!backedUp(name).some((backup) => holds(backup, kept)))
        broken.push(lost(`no published backup holds what was moved aside to ${directory}`));
    }
  }
  return broken;
}

/** The manager whose Mnesia directory is moved aside; undefined: a replacement has none, and the other one serves. */
function clearedOf({ scenario, parts: { good, other } }: FaultHosts): string | undefined {
  if (!isTakeover(scenario)) return other;
  return isOnline(scenario) ? undefined : good;
}

/**
 * What must not happen twice: entering rows that users may have changed since. LeoFS's late tables, which it alone writes, may be
 * loaded again. (A second clearing would leave a second directory.)
 */
function once({ gate, scenario }: FaultHosts): Broken[] {
  const loads = gate.executed.filter(({ script }) => script.includes("load-mnesia-data"));
  const entered = loads.flatMap(({ said }) => readLoad(said).entered);
  if (entered.length > 0 && (!isTakeover(scenario) || isOnline(scenario)))
    return [failed("a dump was loaded, and this recovery needs none")];
  const again = entered.filter((table, index) => entered.indexOf(table) < index);
  const users = [...new Set(again)].filter((table) => !LATE_TABLES.includes(table));
  return users.length === 0 ? [] : [failed(`loaded more than once: ${users.join(", ")}`)];
}

/** How long what the product started on a host may outlive the program: the end of a connection takes its way. */
const ENDING_MS = 20_000;

/** Processes of the product on the hosts: shells with the mark of a run, VMs that it started. */
async function processesLeft({ sandbox }: FaultHosts): Promise<Broken[]> {
  const ours = async () =>
    (await processesOf(sandbox.directory)).filter(({ commandLine }) =>
      / -leofs_recovery |^sh -s leofs-recovery/.test(commandLine),
    );
  try {
    await eventually("the end of every process of ours", ENDING_MS, async () =>
      (await ours()).length === 0 ? true : undefined,
    );
    return [];
  } catch {
    return (await ours()).map(({ pid, commandLine }) =>
      failed(`process ${pid} is left on a host: ${commandLine}`),
    );
  }
}

async function leftovers(hosts: FaultHosts): Promise<Broken[]> {
  const found: Broken[] = [];
  for (const name of hosts.names) {
    const { home, backups } = hosts.sandbox.manager(name);
    for (const place of [backups, home])
      for (const entry of await readdir(place, { recursive: true }))
        if (OWN.test(entry.split("/").at(-1)!))
          found.push(failed(`${name}: ${join(place, entry)} is left behind`));
  }
  return found;
}
