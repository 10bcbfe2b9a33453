import { listDirectory } from "./directory";
import type { Stopped } from "./manager";

/**
 * Whether the files of a manager note that another one went down before it: Mnesia itself goes by that. Undefined: there are
 * none that can be read. One that is too large to be read whole notes nothing.
 */
export async function sawDown(manager: Stopped, other: string): Promise<boolean | undefined> {
  const { host, as, settings } = manager;
  const listing = await listDirectory(host, settings.mnesiaDirectory, as);
  if (!listing.readable || listing.link !== undefined || listing.files.length === 0) return undefined;
  const { down, cut } = (await manager.examine(listing)).marks;
  return cut === undefined && down.has(other);
}
