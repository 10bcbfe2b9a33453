import type { Host, RunResult } from "../../remote/host";
import { type Script, script, type Values } from "../../remote/script";
import { type ManagerSpec, type Role, scriptOf } from "../names";
import type { Manager, Stopped } from "./manager";
import type { Noting } from "./noting";

/**
 * Seconds a stop or a start may take before it is reported. A stop takes 3 to 5 s, a start 1 to 2 s. Where the answer to LeoFS's own
 * stop is lost it waits 60 s for it (nodetool), and its unit is not at rest before.
 */
const STOP_LIMIT_SECONDS = 75;
const START_LIMIT_SECONDS = 20;

/*
 * Service control of a manager, which `@pulumi/command` runs during an `up` and this package runs itself when a step
 * finds a manager in the wrong state. Idempotent, bounded, judged by the process table.
 */

export const STOP = script("leofs/manager/scripts/stop.sh");
export const START = script("leofs/manager/scripts/start.sh");

/** The lock that a service step respects when no step before it has taken it. */
export interface RespectedLock {
  /** The lock file. */
  path: string;
  /** The incident that may hold it, as the lock file names it. */
  incident: string;
  /** What an operator types, and where, to break the same recovery's lock of the other manager. */
  breaks: string;
}

const common = (manager: ManagerSpec, limit: number, lock?: RespectedLock): Values => ({
  node: manager.node,
  home: manager.home,
  limit,
  runner: manager.runAs,
  etc: manager.etcDirectory,
  lock: lock?.path,
  owner: lock && `"incident":${JSON.stringify(lock.incident)}`,
  breaks: lock?.breaks,
});

/** What a stop is told besides whom. */
export interface StopOrder {
  /** Where it is noted. Default: nowhere. */
  noting?: Noting;
  /** File of the journal entry after which a stop would undo a recovery. Default: it is stopped whatever was done. */
  past?: string;
  /** Nothing is stopped while another recovery holds it. Default: not looked at. */
  lock?: RespectedLock;
  /** What the settings take it for: nothing is stopped where the check did not. Default: not looked at. */
  side?: "good" | "other";
}

/** The values of `STOP`. */
export const stopValues = (manager: ManagerSpec, { noting, past, lock, side }: StopOrder = {}): Values => ({
  ...common(manager, STOP_LIMIT_SECONDS, lock),
  incident: noting?.directory,
  past,
  journal: noting?.script,
  side,
});

/** What a start is told besides whom. */
export interface StartOrder {
  /** With whom it must come up. Default: not looked at. */
  partner?: string | undefined;
  /** Start it only if it has this role. Default: whatever its role. */
  only?: Role | undefined;
  /** Nothing is started while another recovery holds it. Default: not looked at. */
  lock?: RespectedLock;
  /** Directory where a stop noted the unit that ran it. Default: none did. */
  incident?: string;
  /** File of the journal entry in that directory without which it must not be started. Default: it is started whatever was done. */
  ready?: string;
}

/** The values of `START`. */
export const startValues = (
  manager: ManagerSpec,
  { partner, only, lock, incident, ready }: StartOrder = {},
): Values => ({
  ...common(manager, START_LIMIT_SECONDS, lock),
  incident,
  partner,
  only,
  stop_limit: STOP_LIMIT_SECONDS,
  ready,
});

async function control(host: Host, script: Script, values: Values, limitSeconds: number): Promise<string> {
  const result: RunResult = await host.run(script, values, { timeoutMs: (limitSeconds + 15) * 1000 });
  const said = result.stdout.trim();
  if (result.code !== 0) throw new Error(`${host.label}: ${said || result.stderr.trim()}`);
  return said;
}

/** Stops a manager that nobody looked at; the text is the evidence. */
export const stopBySpec = (host: Host, manager: ManagerSpec, order?: StopOrder): Promise<string> =>
  control(host, STOP, stopValues(manager, order), 2 * STOP_LIMIT_SECONDS);

/** Starts a manager that nobody looked at; the text is the evidence. */
export const startBySpec = (host: Host, manager: ManagerSpec, order?: StartOrder): Promise<string> =>
  control(host, START, startValues(manager, order), STOP_LIMIT_SECONDS + 2 * START_LIMIT_SECONDS);

/** Stops a manager by the script that proves it from the process table. */
export async function stopProven(manager: Manager, noting: Noting): Promise<Stopped> {
  await noting.mayStop?.();
  await stopBySpec(manager.host, manager.spec, { noting });
  return manager as Stopped;
}

/** Starts a manager by the script that proves it from the process table. */
export async function startProven(manager: Manager, partner?: string): Promise<void> {
  await startBySpec(manager.host, manager.spec, { partner, incident: manager.place.directory });
}

/** For plans: the command a person would type. */
export const stopCommand = (manager: ManagerSpec): string => `${scriptOf(manager)} stop`;
export const startCommand = (manager: ManagerSpec): string => `${scriptOf(manager)} start`;
