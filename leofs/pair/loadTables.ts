import type { Manager } from "../manager/manager";
import type { Dump } from "../mnesia/dump";
import { loadDump, removeOwnFile } from "./load";

/**
 * Loads some tables of a dump: the dump itself when they are all it has, else a file of their own that is removed again.
 *
 * @param whole what is in the dump
 */
export async function loadTables(holder: Manager, file: string, whole: Dump, some: Dump): Promise<void> {
  if (some.tables.size === whole.tables.size) {
    await loadDump(holder, file, some.tables.size);
    return;
  }
  const { host, as, place, spec } = holder;
  const part = `${place.directory}/.load-${spec.node}.txt`;
  try {
    await holder.writePart(file, some, part);
    await loadDump(holder, part, some.tables.size);
  } finally {
    await removeOwnFile(host, part, as);
  }
}
