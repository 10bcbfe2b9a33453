import { readFileSync } from "node:fs";
import type { Host } from "../leofs/host";
import { readJournal } from "../leofs/look/journal";
import { openSite } from "../leofs/look/openSite";
import type { Site } from "../leofs/look/site";
import { type ManagerView, viewManager } from "../leofs/preconditions/view";
import { refuseRolledBack } from "../leofs/rollback/rolledBack";
import { connect } from "../remote";
import { messageOf } from "../remote/errors";
import { type Common, incidentDirectory, type ManagerTarget } from "./arguments";

/** The host of a manager. One connection a host serves all resources of a run. */
export function hostOf(target: ManagerTarget): Host {
  const { connection, privateKeyFile } = target;
  if (!privateKeyFile) return connect(connection);
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
const views = new Map<string, { until: number; view: Promise<Seen<ManagerView>> }>();

/**
 * A look for a plan: at most 5 s, never an error, and shared by all resources of a preview (their checks come
 * one after another). Not for deciding: a step that changes something looks anew.
 */
export function glance(target: ManagerTarget, { cluster, incident }: Common): Promise<Seen<ManagerView>> {
  const { connection, node, home } = target;
  const key = JSON.stringify([connection.host, connection.port, node, home, cluster, incident]);
  const known = views.get(key);
  if (known && performance.now() < known.until) return known.view;
  const view = Promise.race([look(target, { cluster, incident }), tooLong(target)]);
  const entry = { until: Number.POSITIVE_INFINITY, view };
  views.set(key, entry);
  void view.then((seen) => {
    entry.until = performance.now() + ("problem" in seen ? PROBLEM_SHARED_FOR_MS : SHARED_FOR_MS);
  });
  return view;
}

async function look(target: ManagerTarget, common: Common): Promise<Seen<ManagerView>> {
  try {
    return { seen: await viewOf(target, common) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function tooLong(target: ManagerTarget): Promise<Seen<ManagerView>> {
  const problem = `${target.connection.host} did not answer within ${LIMIT_MS / 1000} s`;
  return new Promise((resolve) => setTimeout(() => resolve({ problem }), LIMIT_MS).unref());
}
