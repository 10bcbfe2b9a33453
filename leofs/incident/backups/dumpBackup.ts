import type { Host } from "../../../remote/host";
import { script } from "../../../remote/script";
import { waitFor } from "../../../remote/wait";
import { ringOf } from "../../manager/consoleOf";
import { dumpLimit, type ReadHow } from "../../manager/dumpOnHost";
import { type ManagerEvidence, rowsCounted } from "../../manager/evidence";
import { gaveUp } from "../../manager/gaveUp";
import type { Manager } from "../../manager/manager";
import { type Dump, DumpError, missingTables, summary } from "../../mnesia/dump";
import { scriptOf } from "../../names";
import { sentence } from "../../sentence";
import { entries } from "../entries";
import type { Incident } from "../readIncident";
import { nextName, publish, publishedBackups } from "./backupPlace";
import { type Manifest, manifestHead } from "./manifest";
import { hashTree } from "./tree";

/** A published text dump of a running manager. */
export interface DumpBackup {
  /** Its directory; the dump is `dump.txt` in it. */
  path: string;
  manifest: Manifest;
}

/** The dump's file in a backup directory. */
export const dumpFileOf = (path: string): string => `${path}/dump.txt`;

const TRIES = 5;

/**
 * Takes a text dump of a running manager and publishes it only when it is complete: parsed to its last term,
 * every table of LeoFS in it, and no fewer or more rows a table than the manager itself counted around it.
 *
 * A dump is taken again (at most 5 times) when rows come and go meanwhile.
 *
 * @throws with the reason when no complete dump could be had. Nothing is overwritten by a failed one.
 */
export async function backUpDump(manager: Manager, incident: Incident): Promise<DumpBackup> {
  const { host, as, place, spec } = manager;
  const name = nextName(await publishedBackups(place), `dump-${spec.node}`);
  const partial = `${place.directory}/.${name}.partial`;
  const counted = [await manager.evidence()];
  for (let attempt = 1; ; attempt += 1) {
    await makeEmpty(host, partial, as);
    const how = { proof: true, rows: rowsCounted(counted[0]!) };
    const dump = await takeDump(manager, dumpFileOf(partial), how, counted);
    const after = await manager.evidence();
    counted.push(after);
    const difference = countDifference(dump, counted);
    if (difference && attempt < TRIES) continue;
    if (difference)
      throw new Error(
        `${host.label}: ${TRIES} dumps of ${spec.node} in a row were not what it holds (${difference}). Rows come and go there all the time. Nothing was changed: run pulumi up again, if need be in a calmer moment.`,
      );
    const tree = await hashTree(host, partial, as);
    const manifest: Manifest = {
      ...manifestHead(manager, "dump", incident.name),
      files: tree.files,
      tables: summary(dump),
      ring: ringOf(await manager.console.status()),
      nodes: after.nodes.map(({ node, type, state, answers, ring }) => ({
        node,
        type,
        state,
        answers,
        ...(ring && { ring }),
      })),
    };
    const path = `${place.directory}/${name}`;
    await publish(place, partial, path, manifest);
    await entries.dump.finish(incident.on(manager), { path });
    return { path, manifest };
  }
}

const NEW_DIRECTORY = script("leofs/incident/scripts/new-directory.sh");

async function makeEmpty(host: Host, directory: string, as: string | undefined): Promise<void> {
  const { code, stderr } = await host.run(NEW_DIRECTORY, { path: directory }, { as });
  if (code !== 0)
    throw new Error(
      `${host.label}: ${directory} could not be made: ${sentence(stderr.trim())} Mend that, then run pulumi up again.`,
    );
}

/**
 * How a dump differs in row counts from what the manager counted around it, or nothing. Rows may come and go meanwhile:
 * it must lie between the fewest and the most that were counted.
 */
function countDifference(dump: Dump, counted: readonly ManagerEvidence[]): string | undefined {
  const missing = missingTables(dump);
  return missing.length > 0 ? `tables missing: ${missing.join(", ")}` : rowsDifference(dump, counted);
}

/** The same of the tables that are in the dump. */
function rowsDifference(dump: Dump, counted: readonly ManagerEvidence[]): string | undefined {
  for (const [table, { rows }] of dump.tables) {
    const counts = counted.map(({ tables }) => tables.get(table)?.rows ?? -1);
    if (rows < Math.min(...counts) || rows > Math.max(...counts))
      return `${table}: ${rows} rows in the dump, ${counts.join(", ")} counted around it`;
  }
  return undefined;
}

const TAKE = script("leofs/incident/scripts/take-dump.sh");

/**
 * Has a running manager write a text dump and reads it back.
 *
 * `leofs-adm dump-mnesia-data` is what LeoFS documents; 1.4.4 has the command only in `bin/leo_manager`, so it
 * is used from where this host has it. Success is judged by the file alone: exit codes and output lie.
 *
 * @param counted what the manager counted before. Default: it is asked where a dump may take long
 * @throws DumpError when what was written is no complete dump; WaitedTooLong when the manager did not come to its end.
 */
export async function takeDump(
  manager: Manager,
  file: string,
  how: ReadHow = {},
  counted: readonly ManagerEvidence[] = [],
): Promise<Dump> {
  const { host, as, spec, facts, settings } = manager;
  const adm = facts.tools.admDumps ? (facts.tools.adm ?? "") : "";
  const { consoleAddress: address, consolePort: port } = settings;
  const values = { script: scriptOf(spec), adm, address, port, file };
  const before = counted.length === 0 && (how.rows ?? 0) > MANY_ROWS ? [await manager.evidence()] : counted;
  const { stdout, stderr } = await host.run(TAKE, values, { as, timeoutMs: dumpLimit(how.rows) });
  if (gaveUp(`${stdout} ${stderr}`)) return whenWritten(manager, file, how, before);
  const read = await manager.readDump(file, how);
  if ("dump" in read) return read.dump;
  throw new Error(
    `${host.label}: ${spec.node} wrote no dump to ${file}: ${sentence(`${stdout} ${stderr}`.trim().slice(0, 300) || "it said nothing")} See ${spec.home}/log/app/error and the room there, then run pulumi up again.`,
  );
}

/** From so many on a dump may take longer than LeoFS's command waits on a busy host: rows are counted before it too. */
const MANY_ROWS = 50_000;

/**
 * Where LeoFS's own command gave up the manager goes on writing. A dump that ends between two rows looks whole, so it counts only
 * once it has as many rows as the manager counted around it.
 */
async function whenWritten(
  manager: Manager,
  file: string,
  how: ReadHow,
  before: readonly ManagerEvidence[],
): Promise<Dump> {
  const { host, spec } = manager;
  const counted = [...before];
  const look = async () => {
    const read = await manager.readDump(file, how).catch((error: unknown) => {
      if (!(error instanceof DumpError)) throw error;
      return { unread: error.message };
    });
    counted.push(await manager.evidence());
    const lacking = "dump" in read ? rowsDifference(read.dump, counted) : read.unread;
    return "dump" in read && lacking === undefined
      ? { done: read.dump }
      : { waiting: `${spec.node} still writes ${file}: ${lacking}` };
  };
  const seconds = Math.ceil(dumpLimit(how.rows) / 1000);
  return waitFor<Dump>(host.clock, `${spec.node} to write ${file}`, seconds, look);
}
