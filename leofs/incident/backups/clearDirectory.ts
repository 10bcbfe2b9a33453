import { basename } from "node:path";
import { script } from "../../../remote/script";
import { listDirectory } from "../../manager/directory";
import type { Manager, Stopped } from "../../manager/manager";
import { entries } from "../entries";
import type { Noted } from "../journal";
import type { Incident } from "../readIncident";
import { surprises } from "../surprises";

/** What was backed up of a directory. */
export interface Backed {
  /** Where the backup is; undefined when there was nothing to back up. */
  path: string | undefined;
}

/** Whether the Mnesia directory was moved aside for this incident, noted or not. */
export async function movedAside({ host, as, spec }: Manager, journal: Noted): Promise<boolean> {
  const [of, clear] = [{ journal, node: spec.node }, entries.clear(spec.node)];
  if (clear.isDone(journal)) return true;
  const aside = clear.begun(journal)?.aside;
  const asideExists = aside !== undefined && (await listDirectory(host, aside, as)).exists;
  return surprises.movedUnnoted(of, { asideExists });
}

const CLEAR = script("leofs/incident/scripts/clear-directory.sh");

/** A free name beside the Mnesia directory for what is there now, by incident and reason. */
export async function asideName({ host, as, place, settings }: Manager, why: string): Promise<string> {
  const name = `${settings.mnesiaDirectory}.${basename(place.directory)}.${why}`;
  for (let n = 1; ; n += 1)
    if (!(await listDirectory(host, `${name}-${n}`, as)).exists) return `${name}-${n}`;
}

/** Renames a Mnesia directory; an empty one with the same mode takes its place. */
export const emptyDirectory = (manager: Stopped, aside: string): Promise<void> => clear(manager, aside, "");

/** @param moved not empty: it was renamed before, and what is there now came since and is left alone */
async function clear({ host, as, settings }: Manager, aside: string, moved: "yes" | ""): Promise<void> {
  const directory = settings.mnesiaDirectory;
  const { code, stderr } = await host.run(CLEAR, { directory, aside, moved }, { as });
  if (code !== 0) throw new Error(`${host.label}: ${directory} was not cleared: ${stderr.trim()}`);
}

/**
 * Clears a Mnesia directory: the whole directory is renamed to a dated name beside it and an empty one with the
 * same mode takes its place. Done once an incident; the journal says so before and after.
 *
 * @returns where the old directory is; undefined when there was nothing in it.
 */
export async function clearMnesia(
  manager: Stopped,
  incident: Incident,
  backup: Backed,
): Promise<string | undefined> {
  const before = await clearedBefore(manager, incident, backup);
  if (before) return before.aside;
  const { host, as, settings } = manager;
  const directory = settings.mnesiaDirectory;
  const aside = asideOf(manager, incident);
  if (backup.path !== undefined && (await listDirectory(host, aside, as)).exists)
    throw new Error(
      `${host.label}: ${aside} exists already, so ${directory} was not moved there. See what it is, move it away, then run pulumi up again.`,
    );
  await entries
    .clear(manager.spec.node)
    .begin(incident.on(manager), { directory, aside, backup: backup.path });
  await emptyDirectory(manager, aside);
  return noteCleared(manager, incident, backup);
}

/**
 * Whether this incident has moved a manager's Mnesia directory aside, and where it is. A run that ended before it noted that
 * is made up for. The manager may run again: what is in the place came since, from a pair that was started by hand.
 */
export async function clearedBefore(
  manager: Manager,
  incident: Incident,
  backup: Backed,
): Promise<{ aside: string | undefined } | undefined> {
  const journal = incident.on(manager);
  const done = entries.clear(manager.spec.node).done(journal);
  if (done) return { aside: done.aside };
  if (!(await movedAside(manager, journal))) return undefined;
  await clear(manager, asideOf(manager, incident), "yes");
  return { aside: await noteCleared(manager, incident, backup) };
}

const asideOf = ({ settings }: Manager, { name }: Incident): string => `${settings.mnesiaDirectory}.${name}`;

async function noteCleared(
  manager: Manager,
  incident: Incident,
  { path }: Backed,
): Promise<string | undefined> {
  const aside = path === undefined ? undefined : asideOf(manager, incident);
  const { mnesiaDirectory: directory } = manager.settings;
  await entries.clear(manager.spec.node).finish(incident.on(manager), { directory, aside });
  return aside;
}
