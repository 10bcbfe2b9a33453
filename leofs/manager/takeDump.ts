import { bytesOf } from "../../remote/files";
import { script } from "../../remote/script";
import { waitFor } from "../../remote/wait";
import { type Dump, DumpError } from "../mnesia/dump";
import { sentence } from "../sentence";
import { dumpLimit, type ReadHow } from "./dumpOnHost";
import type { ManagerEvidence } from "./evidence";
import { gaveUp } from "./gaveUp";
import { etcOf } from "./lookedAt";
import type { Manager } from "./manager";

const TAKE = script("leofs/manager/scripts/take-dump.sh");

/**
 * Has a running manager write a text dump and reads it back.
 *
 * `leofs-adm dump-mnesia-data` is what LeoFS documents; 1.4.4 has the command only in `bin/leo_manager`, so it
 * is used from where this host has it. Success is judged by the file alone: exit codes and output lie.
 *
 * @param counted what the manager counted before
 * @throws DumpError when what was written is no complete dump; WaitedTooLong when the manager did not come to its end.
 */
export async function takeDump(
  manager: Manager,
  file: string,
  how: ReadHow,
  counted: readonly ManagerEvidence[],
): Promise<Dump> {
  const { host, as, spec, facts, settings } = manager;
  const adm = facts.tools.admDumps ? (facts.tools.adm ?? "") : "";
  const { consoleAddress: address, consolePort: port } = settings;
  const values = { home: spec.home, etc: etcOf(facts), adm, address, port, file };
  const { stdout, stderr } = await host.run(TAKE, values, { as, timeoutMs: dumpLimit(how.rows) });
  if (gaveUp(`${stdout} ${stderr}`)) return whenWritten(manager, file, how, counted);
  const read = await manager.readDump(file, how);
  if ("dump" in read) return read.dump;
  throw new Error(
    `${host.label}: ${spec.node} wrote no dump to ${file}: ${sentence(`${stdout} ${stderr}`.trim().slice(0, 300) || "it said nothing")} See ${spec.home}/log/app/error and the room there, then run pulumi up again.`,
  );
}

/**
 * Where LeoFS's own command gave up the manager goes on writing. A dump that ends between two rows looks whole, so it counts only
 * once it has as many rows as the manager counted around it. It is read when it has stopped growing: its manager needs the disc too.
 */
async function whenWritten(
  manager: Manager,
  file: string,
  how: ReadHow,
  before: readonly ManagerEvidence[],
): Promise<Dump> {
  const { host, as, spec } = manager;
  const counted = [...before];
  let bytes = 0;
  let read: { of: number; is: Dump | string } | undefined;
  const look = async () => {
    const grownTo = await bytesOf(host, file, as);
    if (grownTo !== bytes) {
      bytes = grownTo;
      return { waiting: `${spec.node} still writes ${file}: ${bytes} bytes` };
    }
    if (read?.of !== bytes) read = { of: bytes, is: await wholeOrWhyNot(manager, file, how) };
    counted.push(await manager.evidence());
    const lacking = typeof read.is === "string" ? read.is : rowsDifference(read.is, counted);
    return lacking === undefined
      ? { done: read.is as Dump }
      : { waiting: `${spec.node} still writes ${file}: ${lacking}` };
  };
  const seconds = Math.ceil(dumpLimit(how.rows) / 1000);
  return waitFor<Dump>(host.clock, `${spec.node} to write ${file}`, seconds, look);
}

/** A dump, or why the file is none yet. */
async function wholeOrWhyNot(manager: Manager, file: string, how: ReadHow): Promise<Dump | string> {
  try {
    const read = await manager.readDump(file, how);
    return "dump" in read ? read.dump : read.unread;
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
    return error.message;
  }
}

/**
 * How the tables in a dump differ in row counts from what the manager counted around it, or nothing. Rows may come and go
 * meanwhile: the dump must lie between the fewest and the most that were counted.
 */
export function rowsDifference(dump: Dump, counted: readonly ManagerEvidence[]): string | undefined {
  for (const [table, { rows }] of dump.tables) {
    const counts = counted.map(({ tables }) => tables.get(table)?.rows ?? -1);
    if (rows < Math.min(...counts) || rows > Math.max(...counts))
      return `${table}: ${rows} rows in the dump, ${counts.join(", ")} counted around it`;
  }
  return undefined;
}
