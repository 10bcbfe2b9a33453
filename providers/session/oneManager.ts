import { entries } from "../../leofs/incident/entries";
import { refuseRolledBack } from "../../leofs/incident/incident";
import type { Journal } from "../../leofs/incident/journal";
import type { Incident } from "../../leofs/incident/readIncident";
import type { Manager } from "../../leofs/manager/manager";
import type { Progress } from "../contract/progress";
import type { Common, ManagerTarget } from "../targets/arguments";
import { holdLock, holdsLock } from "./pairLock";
import type { Session } from "./session";

/** The one manager that a step works on. */
export interface OneManager {
  manager: Manager;
  incident: Incident;
  /** What its host remembers of the incident. */
  journal: Journal;
  /** A resource of this run had its lock before that was read. */
  locked: boolean;
}

/**
 * Opens the one manager that a step works on.
 *
 * @throws when the incident was rolled back: no step may go on then.
 */
export async function openManager(
  session: Session,
  target: ManagerTarget,
  common: Common,
): Promise<OneManager> {
  const locked = await holdsLock(session, target);
  const { managers, incident } = await session.openForWork([target], common);
  const [manager] = managers;
  return { manager, incident, journal: incident.on(manager), locked };
}

/**
 * Takes the lock of one manager where a recovery is under way, for a step whose check an earlier run passed: an `up` that
 * resumes does not check again. Nothing for a resource that is used on its own.
 *
 * @throws when the incident was rolled back before the lock was taken.
 */
export async function keepLock(
  session: Session,
  { journal, locked }: OneManager,
  target: ManagerTarget,
  common: Common,
  progress: Progress,
): Promise<void> {
  if (!entries.check.isDone(journal) || entries.proven.isDone(journal)) return;
  await holdLock(session, [target], common, progress);
  if (locked) return;
  // Another run may have written in it between the look and the lock.
  await journal.readAgain();
  refuseRolledBack(journal, common.incident);
}
