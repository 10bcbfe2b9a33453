import { REMOVE_FILE } from "../../remote/files";
import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { gaveUp } from "../manager/gaveUp";
import { etcOf } from "../manager/lookedAt";
import type { Manager } from "../manager/manager";
import { type Dump, rowsOf } from "../mnesia/dump";

/** What `load-mnesia-data` printed, as far as it can be trusted. */
export interface LoadReport {
  /** Tables it says it entered data into. */
  entered: string[];
  /** Tables it made as new ones: in memory, on one node. A disaster. */
  made: string[];
  /** What else it said. */
  other: string;
}

/** Reads the output of a load; the exit code is 1 whether it worked or not. */
export function readLoad(output: string): LoadReport {
  const entered = [...output.matchAll(/^\*\* Table (\S+) already exists on .*just entering data$/gm)];
  const made = [...output.matchAll(/^New table (\S+)$/gm)];
  const other = output
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(\*\* Table \S+ already exists|New table )/.test(line))
    .join("; ");
  return { entered: entered.map((match) => match[1]!), made: made.map((match) => match[1]!), other };
}

const LOAD = script("leofs/pair/scripts/load-dump.sh");

/** How long a load of so many rows may take, in milliseconds: LeoFS writes some 17,000 a second, a busy host a good part of that. */
export const loadLimit = (rows: number): number => 180_000 + rows;

/**
 * Loads a dump into a running pair through one of its managers; rows are merged and replicated to the other.
 *
 * @param what what is in the file
 * @throws when LeoFS made a table as a new one (`New table`), or says that it read nothing. Whether all rows arrived is
 * for a comparison to say.
 */
export async function loadDump(manager: Manager, file: string, what: Dump): Promise<LoadReport> {
  const tables = what.tables.size;
  const { host, as, spec, facts, settings } = manager;
  const adm = facts.tools.admDumps ? (facts.tools.adm ?? "") : "";
  const { consoleAddress: address, consolePort: port } = settings;
  const values = { home: spec.home, etc: etcOf(facts), adm, address, port, file };
  const { stdout, stderr } = await host.run(LOAD, values, { as, timeoutMs: loadLimit(rowsOf(what)) });
  const report = readLoad(stdout);
  if (report.made.length > 0)
    throw new Error(
      `${host.label}: the load made ${report.made.join(", ")} as new tables in memory (LeoFS printed "New table"): these rows would be lost at the next restart. ` +
        `Stop both managers, move their Mnesia directories aside, start the master, then the slave, and run pulumi up again. The dump is untouched: ${file}`,
    );
  if (report.entered.length < tables && !gaveUp(report.other))
    throw new Error(
      `${host.label}: ${spec.node} loaded ${report.entered.length} of ${tables} tables from ${file}: ${report.other || stderr.trim() || "it said nothing"}. ` +
        `${report.entered.length === 0 ? "Nothing was written. " : ""}Look at the dump and the manager, then run pulumi up again: it sees which rows are there.`,
    );
  return report;
}

/**
 * Removes a file that a step made for itself, such as a dump taken only for comparing. Where that is denied it stays until the
 * recovery ends (`clearWork`).
 */
export async function removeOwnFile(host: Host, file: string, as: string | undefined): Promise<void> {
  await host.run(REMOVE_FILE, { path: file }, { as });
}
