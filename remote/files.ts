import type { Host, RunOptions } from "./host";
import { script } from "./script";

/** Scripts for one path of a host, each with the value `path`. */
export const READ_FILE = script("remote/scripts/read-file.sh");
export const NEW_FILE = script("remote/scripts/new-file.sh");
export const REMOVE_FILE = script("remote/scripts/remove-file.sh");
export const REMOVE_DIRECTORY = script("remote/scripts/remove-directory.sh");
/** Without a value: that it ends shows that the host answers. */
export const NOTHING = script("remote/scripts/nothing.sh");
const BYTES_OF = script("remote/scripts/bytes-of-file.sh");
const WHAT_IS = script("remote/scripts/what-is.sh");

/** What has a path on a host, as the user asked for sees it; a symbolic link is not followed. */
export async function whatIs(
  host: Host,
  path: string,
  options: Pick<RunOptions, "as" | "atTheEnd">,
): Promise<"nothing" | "link" | "something"> {
  const { stdout } = await host.run(WHAT_IS, { path }, options);
  return stdout.trim() as "nothing" | "link" | "something";
}

/** How many bytes a file of a host has so far; 0 where there is none. */
export async function bytesOf(host: Host, path: string, as: string | undefined): Promise<number> {
  const { stdout } = await host.run(BYTES_OF, { path }, { as });
  return Number(stdout.trim());
}
