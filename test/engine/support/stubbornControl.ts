import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Sandbox } from "../../../sandbox";

/** A user that was created through a manager while it was being stopped, after every dump of it. */
export interface LastUser {
  id: string;
  accessKey: string;
  secretKey: string;
}

/**
 * Gives a manager a `bin/leo_manager` whose next `start` does nothing and exits 1. With a user name, its next
 * `stop` first creates that user: the last change before the outage.
 */
export async function makeStubborn(sandbox: Sandbox, manager: string, lastUser?: string): Promise<void> {
  const { home, backups, nodeAddress, consolePort } = sandbox.manager(manager);
  const script = join(home, "bin", "leo_manager");
  const adm = join(dirname(backups), "bin", "leofs-adm");
  await rename(script, `${script}.real`);
  await writeFile(`${script}.fails`, "");
  await writeFile(
    script,
    `#!/bin/sh
case $1 in
start) if rm "${script}.fails" 2>/dev/null; then exit 1; fi ;;
stop) if [ -n "${lastUser ?? ""}" ] && [ ! -e "${script}.said" ]; then
  "${adm}" -h ${nodeAddress} -p ${consolePort} create-user ${lastUser ?? ""} > "${script}.said"
fi ;;
esac
exec "${script}.real" "$@"
`,
    { mode: 0o755 },
  );
}

/** The user that the stubborn manager's stop created. Throws when it did not. */
export async function lastUserOf(sandbox: Sandbox, manager: string, id: string): Promise<LastUser> {
  const said = await readFile(join(sandbox.manager(manager).home, "bin", "leo_manager.said"), "utf8");
  const accessKey = /access-key-id: (\S+)/.exec(said)?.[1];
  const secretKey = /secret-access-key: (\S+)/.exec(said)?.[1];
  if (!accessKey || !secretKey) throw new Error(`the stop of ${manager} created no user: ${said}`);
  return { id, accessKey, secretKey };
}
