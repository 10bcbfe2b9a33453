import { notingIn } from "../leofs/incident/journal";
import { type RespectedLock, START, STOP, startValues, stopValues } from "../leofs/manager/control";
import type { Role } from "../leofs/names";
import { lockPathOf } from "../providers/session/pairLock";
import {
  type Common,
  incidentDirectory,
  lockIncident,
  type ManagerTarget,
} from "../providers/targets/arguments";
import type { Script, Values } from "../remote/script";

/** Where and what a service step does. */
export interface ServiceStep {
  target: ManagerTarget;
  script: Script;
  values: Values;
}

/** Stops one side of a pair. `past`: file of the journal entry after which that would undo the recovery. */
export const stopStep = (
  sides: Record<"good" | "other", ManagerTarget>,
  side: "good" | "other",
  common: Common,
  past: string,
): ServiceStep => {
  const [target, other] = side === "good" ? [sides.good, sides.other] : [sides.other, sides.good];
  return {
    target,
    script: STOP,
    values: stopValues(target, {
      noting: notingIn(incidentDirectory(target, common)),
      past,
      lock: lockOf(target, other, common),
      side,
    }),
  };
};

/**
 * Starts a manager, which must come up with the other as its partner.
 *
 * @param ready file of the journal entry on its host without which its files are not those of this recovery
 * @param only the role it must have to be started at all. Default: either
 */
export const startStep = (
  target: ManagerTarget,
  other: ManagerTarget,
  common: Common,
  ready: string,
  only?: Role,
): ServiceStep => ({
  target,
  script: START,
  values: startValues(target, {
    partner: other.node,
    only,
    lock: lockOf(target, other, common),
    incident: incidentDirectory(target, common),
    ready,
  }),
});

const lockOf = (target: ManagerTarget, other: ManagerTarget, common: Common): RespectedLock => ({
  path: lockPathOf(target),
  incident: lockIncident(common),
  breaks: `'rm -f ${lockPathOf(other)}' on ${other.connection.host}`,
});
