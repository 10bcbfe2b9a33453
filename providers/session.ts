import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { type ManagerView, viewManager } from "../leofs/checks/view";
import { readJournal } from "../leofs/incident/journal";
import { refuseRolledBack } from "../leofs/incident/rolledBack";
import { openSite } from "../leofs/manager/openSite";
import type { Site } from "../leofs/manager/site";
import { connect, type SshHost } from "../remote";
import { messageOf } from "../remote/errors";
import { type Common, type HostTarget, incidentDirectory, type ManagerTarget } from "./arguments";

/** The host of a target. One connection a host serves all resources of a run. */
export function hostOf({ connection, privateKeyFile, lastKeyFile }: HostTarget): SshHost {
  if (!privateKeyFile) return connect(connection, { lastKey: lastKeyFile && readKey(lastKeyFile) });
  return connect({ ...connection, privateKey: readKey(privateKeyFile) });
}

function readKey(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`the private key ${path} cannot be read: ${messageOf(error)}`);
  }
}

/** A manager on its host, looked at just now. */
export const siteOf = (target: ManagerTarget, common: Common): Promise<Site> =>
  openSite(hostOf(target), target, incidentDirectory(target, common));

/**
 * A manager that a step of a recovery is about to work on.
 *
 * @throws when its incident was rolled back: no step may go on then.
 */
export async function workingSiteOf(target: ManagerTarget, common: Common): Promise<Site> {
  const site = await siteOf(target, common);
  refuseRolledBack(await readJournal(site.place), common.incident);
  return site;
}

/** A manager seen from every side, just now. */
export const viewOf = (target: ManagerTarget, common: Common): Promise<ManagerView> =>
  viewManager(hostOf(target), target, target.backupDirectory, incidentDirectory(target, common));

/** A look that took place, or why it could not. */
export type Seen<T> = { seen: T } | { problem: string };

const SHARED_FOR_MS = 4_000;
const LIMIT_MS = 5_000;
/** A host that did not answer is not asked again for every resource: each time would cost the limit. */
const PROBLEM_SHARED_FOR_MS = 60_000;
const looks = new Map<string, { until: number; look: Promise<Seen<unknown>> }>();

/** A glance at a manager from every side. */
export const glance = (target: ManagerTarget, { cluster, incident }: Common): Promise<Seen<ManagerView>> =>
  glanceAt(target, [target.node, target.home, cluster, incident], () =>
    viewOf(target, { cluster, incident }),
  );

/**
 * A look for a plan: at most 5 s until the login and 5 s more, never an error, and shared by all resources of a
 * preview (their checks come one after another). Not for deciding: a step that changes something looks again.
 *
 * @param what names what is looked at on that host
 */
export function glanceAt<T>(
  target: HostTarget,
  what: readonly string[],
  look: () => Promise<T>,
): Promise<Seen<T>> {
  const { host, port } = target.connection;
  const key = JSON.stringify([host, port, ...what]);
  const known = looks.get(key);
  if (known && performance.now() < known.until) return known.look as Promise<Seen<T>>;
  const seen = limited(target, look);
  const entry = { until: Number.POSITIVE_INFINITY, look: seen };
  looks.set(key, entry);
  void seen.then((one) => {
    entry.until = performance.now() + ("problem" in one ? PROBLEM_SHARED_FOR_MS : SHARED_FOR_MS);
  });
  return seen;
}

/** A host that is far away, or busy, is late, but it does log in: then it is given the limit once more. */
async function limited<T>(target: HostTarget, look: () => Promise<T>): Promise<Seen<T>> {
  const { host } = target.connection;
  const limit = `${LIMIT_MS / 1000} s`;
  const spell = () => pause(LIMIT_MS, undefined, { ref: false });
  const seen = tried(look);
  const early = await Promise.race([seen, spell()]);
  if (early) return early;
  if (!hostOf(target).connected) return { problem: `${host} did not answer within ${limit}` };
  const late = await Promise.race([seen, spell()]);
  return late ?? { problem: `${host} accepted the login, but did not answer within ${limit} more` };
}

/** A host that does not answer, so that what is there now cannot be known. */
export class Unreached extends Error {}

/** Why a host does not answer; undefined when it does. Takes as long as a look for a plan at most. */
export async function outOfReach(target: HostTarget): Promise<string | undefined> {
  const seen = await glanceAt(target, ["reached"], () => hostOf(target).run(":"));
  return "problem" in seen ? seen.problem : undefined;
}

/** @throws Unreached when the host does not answer. */
export async function mustReach(target: HostTarget): Promise<void> {
  const problem = await outOfReach(target);
  if (problem !== undefined)
    throw new Unreached(`${hostOf(target).label} cannot be looked at now: ${problem}`);
}

/** A look at a host that may fail: then why is what was seen. */
export async function tried<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { seen: await look() };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
