import { type RespectedLock, START, STOP, startValues, stopValues } from "../leofs/incident/control";
import type { Role } from "../leofs/names";
import { type Common, incidentDirectory, type ManagerTarget } from "../providers/arguments";
import { lockIncident, lockPathOf } from "../providers/pairLock";
import type { Script, Values } from "../remote/script";

/** Where and what a service step does. */
export interface ServiceStep {
  target: ManagerTarget;
  script: Script;
  values: Values;
}

/** Stops a manager. `past`: the journal entry after which stopping would undo the recovery. */
export const stopStep = (target: ManagerTarget, common: Common, past: string): ServiceStep => ({
  target,
  script: STOP,
  values: stopValues(target, incidentDirectory(target, common), past, lockOf(target, common)),
});

/** Starts a manager, which must come up with that partner; `only`: nothing if its role is another. */
export const startStep = (
  target: ManagerTarget,
  common: Common,
  partner: string,
  only: Role | "" = "",
): ServiceStep => ({
  target,
  script: START,
  values: startValues(target, partner, only, lockOf(target, common)),
});

const lockOf = (target: ManagerTarget, common: Common): RespectedLock => ({
  path: lockPathOf(target),
  incident: lockIncident(common),
});
