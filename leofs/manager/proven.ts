import type { Report } from "../../remote/wait";
import type { Manager, Stopped } from "./manager";
import type { Noting } from "./noting";

/** A manager that is down by the process table of the look that it comes from; undefined: it ran then. */
export const downWhenLookedAt = (manager: Manager): Stopped | undefined =>
  manager.facts.beams.length === 0 ? (manager as Stopped) : undefined;

/** A manager that its host's process table shows to be down now; undefined: it runs. */
export const ifDown = async (manager: Manager): Promise<Stopped | undefined> =>
  (await manager.runs()) ? undefined : (manager as Stopped);

/**
 * A manager that a step of a recovery needs down: as it is found, or stopped, since somebody started it.
 *
 * @param report told before it is stopped
 * @param then what is done besides, as the end of that line. Default: nothing
 */
export async function stopped(manager: Manager, noting: Noting, report: Report, then = ""): Promise<Stopped> {
  const down = await ifDown(manager);
  if (down) return down;
  report(`${manager.spec.node} was started since: stopping it${then}`);
  return manager.stop(noting);
}
