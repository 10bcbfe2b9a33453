import { readFileSync } from "node:fs";
import { type ManagerView, viewManager } from "../../leofs/checks/view";
import { refuseRolledBack } from "../../leofs/incident/incident";
import { type Incident, readIncident } from "../../leofs/incident/readIncident";
import type { Manager } from "../../leofs/manager/manager";
import { identityOf } from "../../remote/connection";
import { messageOf } from "../../remote/errors";
import { NOTHING } from "../../remote/files";
import type { Lock } from "../../remote/lock/heldLock";
import { Unreached } from "../contract/handler";
import {
  type Common,
  type HostTarget,
  incidentDirectory,
  lockIncident,
  type ManagerTarget,
} from "../targets/arguments";
import { withKey } from "../targets/withKey";
import { Looks, type Seen, tried } from "./looks";
import { overSsh, type SharedHost, type Surroundings } from "./surroundings";

/** A lock of this run, for which incident it is held (`lockIncident`), and the manager on whose host it is. */
export interface ManagerLock {
  incident: string;
  lock: Lock;
  manager: Manager;
}

/** What a look is for: a `plan` is brief, shared and must not fail; `work` sees what is there now, however long it takes. */
export type Purpose = "plan" | "work";

/** Managers on their hosts, and what these remember of their incident. */
export interface Opened<T extends readonly ManagerTarget[]> {
  managers: { [K in keyof T]: Manager };
  incident: Incident;
}

/** What the resources of one run share: the way to the hosts, looks of the last seconds, and the locks they hold. */
export class Session {
  /** Names of the clusters for which something was made in this run: what was seen of them may not be so any more. */
  readonly made = new Set<string>();
  /** Locks of this run by the place they are at; resources that run side by side share one. */
  readonly locks = new Map<string, Promise<ManagerLock>>();
  /** Pairs whose checks come later are looked at: each check of a program tells the same ones. */
  looksAhead = false;
  private readonly looks: Looks;

  /** @param surroundings default: the hosts as they are, over SSH */
  constructor(readonly surroundings: Surroundings = overSsh) {
    this.looks = new Looks(surroundings.clock, this.made);
  }

  /** The host of a target. One connection a host serves all resources of a run. */
  hostOf({ connection, privateKeyFile, lastKeyFile }: HostTarget): SharedHost {
    const { connect } = this.surroundings;
    if (!privateKeyFile) return connect(connection, { lastKey: lastKeyFile && readKey(lastKeyFile) });
    return connect(withKey(connection, readKey(privateKeyFile)));
  }

  /** A manager on its host, looked at just now. */
  async managerOf(target: ManagerTarget, common: Common): Promise<Manager> {
    return this.surroundings.manager(this.hostOf(target), target, incidentDirectory(target, common));
  }

  /** Managers on their hosts, looked at just now, and their incident. */
  async open<T extends readonly ManagerTarget[]>(
    targets: readonly [...T],
    common: Common,
  ): Promise<Opened<T>> {
    const managers = await Promise.all(targets.map((target) => this.managerOf(target, common)));
    return {
      managers: managers as Opened<T>["managers"],
      incident: await this.read(managers, common),
    };
  }

  /** What the hosts of these managers remember of an incident. Without its locks, once it held them, this run changes nothing more. */
  async read(managers: readonly Manager[], common: Common): Promise<Incident> {
    const incident = await readIncident(common.incident, managers);
    for (const journal of incident.journals) journal.guard = () => this.requireLocks(common);
    return incident;
  }

  /** @throws when a lock that this run holds for an incident was taken over: a run that stood still may go on long after that. */
  private async requireLocks(common: Common): Promise<void> {
    for (const holding of this.locks.values()) {
      const { incident, lock } = await holding;
      if (incident === lockIncident(common)) await lock.verify();
    }
  }

  /**
   * Managers that a step of a recovery is about to work on. It reads their incident here, once, and under the lock where it
   * takes that itself.
   *
   * @throws when the incident was rolled back: no step may go on then.
   */
  async openForWork<T extends readonly ManagerTarget[]>(
    targets: readonly [...T],
    common: Common,
  ): Promise<Opened<T>> {
    const opened = await this.open(targets, common);
    for (const journal of opened.incident.journals) refuseRolledBack(journal, common.incident);
    return opened;
  }

  /** A manager seen from every side, just now. */
  async viewOf(target: ManagerTarget, common: Common): Promise<ManagerView> {
    return viewManager(await this.managerOf(target, common), target.backupDirectory, common.incident);
  }

  /** A glance at a manager from every side. */
  glance(target: ManagerTarget, { cluster, incident }: Common): Promise<Seen<ManagerView>> {
    const look = () => this.viewOf(target, { cluster, incident });
    return this.glanceAt(target, [target.node, target.home, cluster, incident], look, cluster);
  }

  /**
   * A look for a plan: at most 5 s until the login and 5 s more, never an error, and shared by all resources of a
   * preview (their checks come one after another), for 30 s at most, or 4 s once something was made. Not for deciding: a
   * step that changes something looks again.
   *
   * @param what names what is looked at on that host
   * @param cluster what is made for others changes nothing of it. Default: it might
   */
  glanceAt<T>(
    target: HostTarget,
    what: readonly string[],
    look: () => Promise<T>,
    cluster?: string,
  ): Promise<Seen<T>> {
    const { connection } = target;
    const at = { host: connection.host, connected: () => this.hostOf(target).connected };
    return this.looks.shared(JSON.stringify([identityOf(connection), ...what]), at, look, cluster);
  }

  /** A look at something on a host, for a plan or for work. What keeps it from being seen is an answer too. */
  seen<T>(
    purpose: Purpose,
    target: HostTarget,
    what: readonly string[],
    look: () => Promise<T>,
  ): Promise<Seen<T>> {
    return purpose === "plan" ? this.glanceAt(target, what, look) : tried(look);
  }

  /** Why a host does not answer; undefined when it does. Takes as long as a look for a plan at most. */
  async outOfReach(target: HostTarget): Promise<string | undefined> {
    const seen = await this.glanceAt(target, ["reached"], async () => this.hostOf(target).run(NOTHING));
    return "problem" in seen ? seen.problem : undefined;
  }

  /** @throws Unreached when the host does not answer. */
  async mustReach(target: HostTarget): Promise<void> {
    const problem = await this.outOfReach(target);
    if (problem !== undefined)
      throw new Unreached(`${this.hostOf(target).label} cannot be looked at now: ${problem}`);
  }
}

function readKey(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`the private key ${path} cannot be read: ${messageOf(error)}`);
  }
}
