import { Incident } from "../../leofs/incident/readIncident";
import { startCommand, stopCommand } from "../../leofs/manager/control";
import type { Manager } from "../../leofs/manager/manager";
import { isRolledBack, lookAtRollback } from "../../leofs/pair/rollback/mayRollBack";
import {
  nodeOf,
  type RollbackSide,
  type RollbackSides,
  servesBefore,
} from "../../leofs/pair/rollback/rollbackState";
import { undumped } from "../../leofs/pair/rollback/usedSince";
import { notReached, type PlanLine, urgent, WOULD_STOP } from "../../leofs/planLine";
import { wasMove } from "../fence/fencing";
import { returnText } from "../nodes/nodeConfs";
import type { Session } from "../session/session";
import type { RecoveryRollbackInputs } from "./recoveryRollbackTypes";

/** What a rollback would put back, in its order; empty once it is done. */
export async function rollbackPlan(session: Session, inputs: RecoveryRollbackInputs): Promise<PlanLine[]> {
  const seen = await Promise.all(inputs.managers.map((target) => session.glance(target, inputs)));
  const problems = seen.flatMap((view, index) =>
    "problem" in view ? [notReached(`${inputs.managers[index as 0 | 1].node}: ${view.problem}`)] : [],
  );
  if (problems.length > 0) return [...problems, WOULD_STOP];
  const views = seen.flatMap((view) => ("seen" in view ? [view.seen] : []));
  const managers = views.map(({ manager }) => manager) as [Manager, Manager];
  const journals = views.map(({ manager, journal }) => [manager.spec.node, journal] as const);
  const incident = new Incident(inputs.incident, new Map(journals));
  const { sides, why } = await lookAtRollback(managers, incident);
  if (sides && isRolledBack(sides)) return [];
  if (!sides || why) return [urgent(`WOULD BE REFUSED: ${why}`)];
  const serves = servesBefore(sides);
  const good = serves ? { ...sides.good, running: true } : sides.good;
  return [
    ...rowsFirst(sides),
    ...(serves ? servesFirst(sides) : []),
    ...replicaOut(sides),
    ...[sides.other, good].flatMap((side) => sidePlan(side, inputs.incident)),
    ...fenceLifted(sides, inputs),
    ...returnText(incident),
  ];
}

const replicaOut = ({ good, other, online }: RollbackSides): string[] =>
  online
    ? [`take the replica on ${nodeOf(other)} out of the tables of ${nodeOf(good)}, which goes on serving`]
    : [];

function fenceLifted({ good }: RollbackSides, { fence }: RecoveryRollbackInputs): string[] {
  if (!fence) return [];
  const moved = wasMove(good.journal) ? [`start ${fence.node}: it ran before`] : [];
  return [`lift the fence of ${fence.node}`, ...moved];
}

/** Whether users wrote since is told by the rows of that backup. */
function rowsFirst(sides: RollbackSides): string[] {
  const backup = undumped(sides);
  return backup === undefined
    ? []
    : [
        `${nodeOf(sides.good)}: load a copy of ${backup} and dump its rows; the rollback is refused where users wrote since`,
      ];
}

/** It runs before anything of the other one is put back: what users wrote through that one comes to it. */
const servesFirst = ({ good, other }: RollbackSides): string[] =>
  good.running
    ? []
    : [
        `start ${nodeOf(good)} (${startCommand(good.manager.spec)}): it serves every table, with ${nodeOf(other)} where it waits for that one, before anything is put back`,
      ];

function sidePlan(side: RollbackSide, incident: string): string[] {
  const { manager, before, original, running, replaces, stops } = side;
  const { node } = manager.spec;
  const { mnesiaDirectory } = manager.settings;
  const lines = [
    ...(stops ? [`stop ${node} (${stopCommand(manager.spec)})`] : []),
    `${node}: conf and partner as before the incident, byte for byte`,
  ];
  if (replaces && original?.backup)
    lines.push(
      `${node}: ${mnesiaDirectory} as it was (${original.aside ?? original.backup}), each file by SHA-256; what is there now is moved to ${mnesiaDirectory}.${incident}.undone`,
    );
  else if (replaces)
    lines.push(
      `${node}: ${mnesiaDirectory} empty as it was; what is there now is moved to ${mnesiaDirectory}.${incident}.undone`,
    );
  else lines.push(`${node}: its Mnesia files were not touched`);
  if (!before.running) lines.push(`${node}: down, as before`);
  else if (stops || !running) lines.push(`start ${node} (${startCommand(manager.spec)}): it ran before`);
  else lines.push(`${node}: goes on running`);
  return lines;
}
