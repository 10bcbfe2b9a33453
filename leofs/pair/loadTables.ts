import { WaitedTooLong, waitFor } from "../../remote/wait";
import { gaveUp } from "../manager/gaveUp";
import type { Manager } from "../manager/manager";
import { askIfThere } from "../manager/ready";
import { type Dump, rowsOf } from "../mnesia/dump";
import { loadDump, loadLimit, removeOwnFile } from "./load";

/**
 * Loads some tables of a dump: the dump itself when they are all it has, else a file of their own that is removed again.
 *
 * @param whole what is in the dump
 * @param report told what is waited for
 */
export async function loadTables(
  holder: Manager,
  file: string,
  whole: Dump,
  some: Dump,
  report: (line: string) => void,
): Promise<void> {
  if (some.tables.size === whole.tables.size) return loadAll(holder, file, some, report);
  const { host, as, place, spec } = holder;
  const part = `${place.directory}/.load-${spec.node}.txt`;
  try {
    await holder.writePart(file, some, part);
    await loadAll(holder, part, some, report);
  } finally {
    await removeOwnFile(host, part, as);
  }
}

/** Where LeoFS's own command gave up the manager goes on, and writes all rows in the end or none. */
async function loadAll(
  holder: Manager,
  file: string,
  what: Dump,
  report: (line: string) => void,
): Promise<void> {
  const { other } = await loadDump(holder, file, what);
  if (!gaveUp(other)) return;
  const look = async () => {
    const tables = (await askIfThere(holder))?.tables;
    const lacking = [...what.tables].filter(([name, { rows }]) => (tables?.get(name)?.rows ?? -1) < rows);
    return lacking.length === 0
      ? { done: undefined }
      : { waiting: `${holder.spec.node} still loads: ${lacking[0]![0]} has fewer rows than the dump` };
  };
  const { clock } = holder.host;
  const seconds = Math.ceil(loadLimit(rowsOf(what)) / 1000);
  await waitFor(clock, `${holder.spec.node} to load the dump`, seconds, look, report).catch((error) => {
    // What is missing then is for the comparison to say.
    if (!(error instanceof WaitedTooLong)) throw error;
  });
}
