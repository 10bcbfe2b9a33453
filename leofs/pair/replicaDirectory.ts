import { REMOVE_DIRECTORY } from "../../remote/files";
import { script } from "../../remote/script";
import { PUT_IN_PLACE } from "../incident/backups/restoreFiles";
import type { Manager, Stopped } from "../manager/manager";
import { sentence } from "../sentence";

/**
 * Where a temporary VM writes a replica until it is whole: beside the Mnesia directory. A manager that somebody starts
 * meanwhile does not find it: on a half of one it would join the serving manager, and could be the last that users write
 * to, while its tables wait for the manager whose place it takes.
 */
export const besideOf = ({ settings }: Manager): string =>
  `${settings.mnesiaDirectory}.leofs-recovery-replica`;

const MAKE = script("leofs/pair/scripts/replica-directory.sh");

/**
 * Makes that directory, empty.
 *
 * @returns the mode of the Mnesia directory
 */
export async function makeBeside(made: Stopped): Promise<string> {
  const { host, as, settings } = made;
  const values = { directory: settings.mnesiaDirectory, beside: besideOf(made) };
  const { code, stdout, stderr } = await host.run(MAKE, values, { as });
  if (code !== 0)
    throw new Error(`${host.label}: ${besideOf(made)} was not made: ${sentence(stderr.trim())}`);
  return stdout.trim();
}

/** Gives a replica that is whole the name of the Mnesia directory, which is empty. */
export async function putReplicaInPlace(made: Stopped, mode: string): Promise<void> {
  const { host, as, settings } = made;
  const values = { directory: settings.mnesiaDirectory, staging: besideOf(made), mode };
  const { code, stderr } = await host.run(PUT_IN_PLACE, values, { as, timeoutMs: 120_000 });
  if (code !== 0)
    throw new Error(
      `${host.label}: ${besideOf(made)} could not be renamed to ${settings.mnesiaDirectory}: ${sentence(stderr.trim())}`,
    );
}

/** Removes what an ended run left of a replica: a copy of tables that the serving manager has. */
export async function removeBeside(made: Manager): Promise<void> {
  const { host, as } = made;
  const { code, stderr } = await host.run(REMOVE_DIRECTORY, { path: besideOf(made) }, { as });
  if (code !== 0)
    throw new Error(`${host.label}: ${besideOf(made)} was not removed: ${sentence(stderr.trim())}`);
}
