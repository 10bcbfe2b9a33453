import { type FileFact, listDirectory } from "./directory";
import type { Manager } from "./manager";
import { lookAtPlace, type Place, WORKING_KIB } from "./place";

/**
 * What a manager's disc lacks for a change of its schema, in words; undefined: nothing. Mnesia writes its log into its tables
 * first, and a table beside its old file. Where there is no room it stops by itself, and the manager serves nobody.
 *
 * @param place its Mnesia directory
 * @param files what is in it
 */
export function lacksRoom(
  { host, spec }: Manager,
  { path, disk, freeKiB }: Place,
  files: readonly FileFact[],
): string | undefined {
  const largest = Math.max(0, ...files.map(({ bytes }) => bytes));
  const log = files.find(({ name }) => name === "LATEST.LOG")?.bytes ?? 0;
  const wanted = Math.ceil((largest + log) / 1024) + WORKING_KIB;
  return freeKiB === undefined || freeKiB >= wanted
    ? undefined
    : `${host.label}: the file system of ${path} (mounted on ${disk}) has ${freeKiB} KiB free, ${wanted} KiB are needed: ${spec.node} writes its log into its tables before its schema changes, and Mnesia stops by itself on a full disc. Free space there.`;
}

/** @throws when its disc has no room for a change of its schema; nothing was changed. */
export async function requireSchemaRoom(manager: Manager): Promise<void> {
  const { host, as, settings } = manager;
  const [place, { files }] = await Promise.all([
    lookAtPlace(host, settings.mnesiaDirectory, as),
    listDirectory(host, settings.mnesiaDirectory, as),
  ]);
  const lack = lacksRoom(manager, place, files);
  if (lack) throw new Error(`${lack} Nothing was changed by this step.`);
}
