import type { CopyTree } from "../../leofs/incident/backups/restoreFiles";
import { managerOn } from "../../leofs/manager/hostManager";
import type { Manager } from "../../leofs/manager/manager";
import type { ManagerSpec } from "../../leofs/names";
import { type Clock, machineClock } from "../../remote/clock";
import type { ConnectionArgs } from "../../remote/connection";
import type { Host } from "../../remote/host";
import { acquireLock, lockedBy } from "../../remote/lock/lock";
import type { ConnectOptions } from "../../remote/ssh/pool";
import { connect } from "../../remote/ssh/pool";
import { serviceLoginProblem } from "../../remote/ssh/serviceLogin";
import type { HostTarget } from "../targets/arguments";
import { serviceConnection } from "../targets/serviceConnection";
import { copyTree } from "./copyTree";

/** A host that several parts of a run share. */
export interface SharedHost extends Host {
  /** Whether a connection to it stands. */
  readonly connected: boolean;
  /** Ends the connection unless something is under way on it; a later use connects again. */
  closeUnused(): void;
}

/** All that the resources reach beyond this process, and the time they go by. */
export interface Surroundings {
  clock: Clock;
  /** The host behind these arguments, the same for all who ask. Dials nothing yet. Throws for arguments that are wrong. */
  connect(args: ConnectionArgs, options?: ConnectOptions): SharedHost;
  /** A manager on its host, looked at just now. Throws when the host cannot be reached. */
  manager(host: Host, spec: ManagerSpec, incidentDirectory: string): Promise<Manager>;
  /** Takes the lock on a host, and says what keeps one from it. */
  acquireLock: typeof acquireLock;
  lockedBy: typeof lockedBy;
  /** Copies a directory from one host to another. */
  copyTree: CopyTree;
  /** Why the client of the service steps would not log in on a host; undefined when it would. */
  serviceLoginProblem(target: HostTarget): Promise<string | undefined>;
}

/** The hosts as they are, over SSH. */
export const overSsh: Surroundings = {
  clock: machineClock,
  connect,
  manager: managerOn,
  acquireLock,
  lockedBy,
  copyTree,
  serviceLoginProblem: async (target) => serviceLoginProblem(await serviceConnection(target)),
};
