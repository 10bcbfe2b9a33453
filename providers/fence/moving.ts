import { examine, type Finding } from "../../leofs/checks/check";
import { moveChecks } from "../../leofs/checks/moveChecks";
import { wayChecks } from "../../leofs/checks/onlineChecks";
import { isMove, type RecoveryCase } from "../../leofs/checks/recoveryCase";
import type { ManagerView } from "../../leofs/checks/view";
import { entries } from "../../leofs/incident/entries";
import { isBegun } from "../../leofs/incident/incident";
import type { Journal } from "../../leofs/incident/journal";
import type { Incident } from "../../leofs/incident/readIncident";
import { startBySpec, stopBySpec } from "../../leofs/manager/control";
import type { Manager } from "../../leofs/manager/manager";
import { ifDown } from "../../leofs/manager/proven";
import { askIfThere, lacking } from "../../leofs/manager/ready";
import { wayTo } from "../../leofs/manager/wayTo";
import { takeOut } from "../../leofs/pair/takeOut";
import type { PlanLine } from "../../leofs/planLine";
import { type Look, waitFor } from "../../remote/wait";
import type { Progress } from "../contract/progress";
import type { Purpose, Session } from "../session/session";
import type { Common, FenceTarget, ManagerTarget } from "../targets/arguments";
import { fenceLook, fenceLost, type Lost, lostIn, wasMove } from "./fencing";

/** A recovery whose lost manager may be fenced, or moves. */
interface Fenced extends Common {
  recovery: RecoveryCase;
  managers: readonly [ManagerTarget, ManagerTarget];
  fence?: FenceTarget | undefined;
}

/** What speaks for and against fencing the lost manager, or against the move of one that is alive; nothing without the setting. */
export async function fenceOrMoveLook(
  session: Session,
  inputs: Fenced,
  stays: ManagerView,
  purpose: Purpose,
): Promise<{ findings: Finding[]; plan: PlanLine[] }> {
  const lost = lostIn(session, inputs);
  if (!lost) return { findings: [], plan: [] };
  if (!isMove(inputs.recovery)) return fenceLook(lost, purpose);
  const { seen, ...look } = await fenceLook({ ...lost, moves: true }, purpose);
  // Half-way it may be stopped by now.
  if (!seen || isBegun([stays.journal])) return look;
  const { node } = lost.target;
  const moving = stays.manager.peer(node);
  const [, made] = inputs.managers;
  const view = {
    from: seen,
    moved: await askIfThere(moving),
    stays: stays.evidence,
    pair: [node, stays.manager.spec.node] as const,
  };
  return {
    ...look,
    findings: [
      ...look.findings,
      ...examine(moveChecks, view),
      // It takes part in everything that the schema is told while it is there.
      ...(view.moved ? examine(wayChecks, { serving: node, way: await wayTo(moving, made.node) }) : []),
    ],
  };
}

/**
 * Stops the manager that moves and keeps it from starting again. Done again it finds both done.
 *
 * @param journal of the manager that stays
 */
export async function retire(lost: Lost, journal: Journal, progress: Progress): Promise<string[]> {
  const { session, target } = lost;
  progress.step(`stopping ${target.node}, whose place is taken`);
  const stopped = await stopBySpec(session.hostOf(target), target);
  return [stopped, await fenceLost({ ...lost, moves: true }, journal, progress)];
}

/** A manager that starts with its old files joins within 4 s. */
const JOINS_LIMIT_SECONDS = 90;

/**
 * Starts a manager that was about to move again, once everything else is as it was before the incident: it joins the
 * tables by itself. Its old files bring the replica back that it knew of, which is taken out once more.
 *
 * @param managers the one that stays and the one that was to come, in any order
 * @returns the evidence; none where nothing was to move, or no copy was begun: it was not stopped then
 */
export async function returnMoved(
  lost: Lost | undefined,
  managers: readonly Manager[],
  { journals }: Incident,
  progress: Progress,
): Promise<string[]> {
  const made = managers.find(({ spec }) => {
    const { isBegun, isDone } = entries.replica(spec.node);
    return journals.some((journal) => isBegun(journal) || isDone(journal));
  });
  const stays = managers.find((one) => one !== made);
  if (!lost || !made || !stays || !journals.some(wasMove)) return [];
  const { session, target: from } = lost;
  // Somebody may have stopped it since it was put back, and the other one joins its tables.
  if (await ifDown(stays)) {
    progress.step(`starting ${stays.spec.node}`);
    await stays.start();
  }
  progress.step(`starting ${from.node} again`);
  await startBySpec(session.hostOf(from), from);
  const pair = [stays.spec.node, from.node];
  await waitFor(
    stays.host.clock,
    `${from.node} to hold every table again`,
    JOINS_LIMIT_SECONDS,
    async (): Promise<Look<true>> => {
      const missing = lacking(await askIfThere(stays.peer(from.node)), pair);
      return missing ? { waiting: `${from.node} ${missing}` } : { done: true };
    },
    progress.step,
  );
  await takeOut(stays, made.spec.node, progress.step);
  return [`${from.node} runs, as before, and holds every table beside ${stays.spec.node}`];
}
