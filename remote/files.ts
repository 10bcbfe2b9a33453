import type { Host, RunOptions } from "./host";
import { script } from "./script";

/** Scripts for one path of a host, each with the value `path`. */
export const READ_FILE = script("remote/scripts/read-file.sh");
export const NEW_FILE = script("remote/scripts/new-file.sh");
export const REMOVE_FILE = script("remote/scripts/remove-file.sh");
export const REMOVE_DIRECTORY = script("remote/scripts/remove-directory.sh");
/** Without a value: that it ends shows that the host answers. */
export const NOTHING = script("remote/scripts/nothing.sh");
const WHAT_IS = script("remote/scripts/what-is.sh");

/** What has a path on a host, as the user asked for sees it; a symbolic link is not followed. */
export async function whatIs(
  host: Host,
  path: string,
  options: Pick<RunOptions, "as">,
): Promise<"nothing" | "link" | "something"> {
  const { stdout } = await host.run(WHAT_IS, { path }, options);
  return stdout.trim() as "nothing" | "link" | "something";
}
