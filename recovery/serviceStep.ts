import {
  type RespectedLock,
  START_SCRIPT,
  STOP_SCRIPT,
  startArguments,
  stopArguments,
} from "../leofs/incident/control";
import type { Role } from "../leofs/names";
import { type Common, incidentDirectory, type ManagerTarget } from "../providers/arguments";
import { lockIncident, lockPathOf } from "../providers/pairLock";

/** Where and what a service step does. */
export interface ServiceStep {
  target: ManagerTarget;
  script: string;
  args: string[];
}

/** Stops a manager. `past`: the journal entry after which stopping would undo the recovery. */
export const stopStep = (target: ManagerTarget, common: Common, past: string): ServiceStep => ({
  target,
  script: STOP_SCRIPT,
  args: stopArguments(target, incidentDirectory(target, common), past, lockOf(target, common)),
});

/** Starts a manager, which must come up with that partner; `only`: nothing if its role is another. */
export const startStep = (
  target: ManagerTarget,
  common: Common,
  partner: string,
  only: Role | "" = "",
): ServiceStep => ({
  target,
  script: START_SCRIPT,
  args: startArguments(target, partner, only, lockOf(target, common)),
});

const lockOf = (target: ManagerTarget, common: Common): RespectedLock => ({
  path: lockPathOf(target),
  incident: lockIncident(common),
});
