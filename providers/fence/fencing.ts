import { examine, type Finding } from "../../leofs/checks/check";
import {
  type FenceView,
  fenceChecks,
  fenceHostChecks,
  fencePlan,
  lookAtFence,
} from "../../leofs/checks/fenceChecks";
import { entries } from "../../leofs/incident/entries";
import {
  disabledUnits,
  type Fence,
  fencedNodes,
  liftCommand,
  liftFence,
  lostProcesses,
  putUpFence,
} from "../../leofs/incident/fence";
import type { Journal } from "../../leofs/incident/journal";
import type { Incident } from "../../leofs/incident/readIncident";
import type { ManagerSpec } from "../../leofs/names";
import { labelOf } from "../../remote/connection";
import { messageOf } from "../../remote/errors";
import type { Progress } from "../contract/progress";
import type { Seen } from "../session/looks";
import type { Purpose, Session } from "../session/session";
import { type Common, directoryName, type FenceTarget } from "../targets/arguments";

/** The manager whose place is taken, on its host: who is fenced, and for which incident. */
export interface Lost {
  session: Session;
  target: FenceTarget;
  common: Common;
  /** It is alive and moves: it must be reached, and is stopped before it is fenced. Default: it is gone. */
  moves?: boolean;
}

/** The lost manager of a resource's inputs; undefined without the setting. */
export const lostIn = (
  session: Session,
  inputs: Common & { fence?: FenceTarget | undefined },
): Lost | undefined => inputs.fence && { session, target: inputs.fence, common: inputs };

const specOf = ({ connection: _, privateKeyFile: _file, ...manager }: FenceTarget): ManagerSpec => manager;

const look = ({ session, target }: Lost, purpose: Purpose): Promise<Seen<FenceView>> =>
  session.seen(purpose, target, ["fence", target.node, target.home], () =>
    lookAtFence(session.hostOf(target), specOf(target)),
  );

/** What speaks for and against fencing the lost manager, and what would be done. */
export async function fenceLook(
  lost: Lost,
  purpose: Purpose,
): Promise<{ findings: Finding[]; plan: string[]; seen?: FenceView }> {
  const { common, moves = false } = lost;
  const seen = await look(lost, purpose);
  if ("problem" in seen) return { findings: unreachable(lost, seen.problem), plan: [] };
  const findings = examine(fenceChecks, { view: seen.seen, incident: directoryName(common), moves });
  return { findings, plan: [fencePlan(seen.seen)], seen: seen.seen };
}

const unreachable = ({ target, moves = false }: Lost, problem: string): Finding[] =>
  examine(fenceHostChecks, { node: target.node, label: labelOf(target.connection), problem, moves });

const fenceOf = ({ session, target, common, moves = false }: Lost, { as }: FenceView): Fence => ({
  host: session.hostOf(target),
  manager: specOf(target),
  as,
  incident: directoryName(common),
  moves,
});

/**
 * Fences the lost manager, as the last act before the first change; where its host cannot be reached that is evidence.
 *
 * @param journal the survivor's, which keeps what was done
 * @returns the evidence
 */
export async function fenceLost(lost: Lost, journal: Journal, progress: Progress): Promise<string> {
  const { target } = lost;
  progress.step(`fencing ${target.node}`);
  const seen = await look(lost, "work");
  if (!("problem" in seen)) return putUpFence(journal, fenceOf(lost, seen.seen));
  const host = labelOf(target.connection);
  // A fence that an earlier run put up is still to be lifted.
  const { [target.node]: earlier } = fencedNodes(journal);
  if (earlier?.state !== "up")
    await entries.fence(target.node).finish(journal, { state: "none", host, problem: seen.problem });
  return unreachable({ ...lost, moves: false }, seen.problem)[0]!.text;
}

/** The incident was to move a manager that is alive. */
export const wasMove = (journal: Journal): boolean => entries.check.done(journal)?.moves === true;

/** What became of the fences of an incident when its pair was proven. */
export interface LiftedFences {
  evidence: string[];
  /** What the next `up` must do. */
  debt: string[];
  nextSteps: string[];
}

/**
 * Lifts the fence that an incident put up, as the journal on the survivor's host has it. One that cannot be lifted is
 * debt: the pair is proven all the same.
 *
 * @param mayRun the fenced manager is to run again: it was moved, and goes back. Default: it has old data
 */
export async function liftFences(
  lost: Lost | undefined,
  journal: Journal,
  progress: Progress,
  mayRun = false,
): Promise<LiftedFences> {
  const lifted: LiftedFences = { evidence: [], debt: [], nextSteps: [] };
  for (const [node, record] of Object.entries(fencedNodes(journal))) {
    lifted.nextSteps.push(
      `${node} has old data: never start it as it is; to use it again, install it from scratch`,
    );
    if (record.unit !== "")
      lifted.nextSteps.push(
        `${record.unit} on ${record.host} stays disabled; once ${node} was installed from scratch: systemctl enable ${record.unit}`,
      );
    if (record.state === "none")
      lifted.evidence.push(
        `${node} was not fenced (${record.host}: ${record.problem}): see that it stays off`,
      );
    if (record.state !== "up") continue;
    progress.step(`lifting the fence of ${node}`);
    try {
      lifted.evidence.push(await lift(lost, journal, node, mayRun));
    } catch (error) {
      lifted.debt.push(`${node} is still fenced on ${record.host}: ${messageOf(error)}`);
      lifted.nextSteps.push(`the next up lifts the fence of ${node}; by hand, there: ${liftCommand(record)}`);
    }
  }
  return lifted;
}

/**
 * Lifts the fence of an incident that was rolled back.
 *
 * @returns the evidence
 * @throws when it is still up although the settings say how its host is reached: the next `up` tries again.
 */
export async function liftAfterRollback(
  lost: Lost | undefined,
  { name, journals }: Incident,
  progress: Progress,
): Promise<string[]> {
  const all: LiftedFences[] = [];
  const moved = journals.some(wasMove);
  for (const journal of journals) all.push(await liftFences(lost, journal, progress, moved));
  const debt = all.flatMap((one) => one.debt);
  if (debt.length > 0 && lost)
    throw new Error(
      `both managers are as they were before ${name}, but ${debt.join("; ")}. Mend that and run pulumi up again, or take fence out of the settings.`,
    );
  const disabled = journals.flatMap(disabledUnits);
  return [...all.flatMap((one) => one.evidence), ...debt, ...disabled];
}

async function lift(
  lost: Lost | undefined,
  journal: Journal,
  node: string,
  mayRun: boolean,
): Promise<string> {
  if (lost?.target.node !== node) throw new Error("fence is not in the settings any more");
  const seen = await look(lost, "work");
  if ("problem" in seen) throw new Error(seen.problem);
  const fence = fenceOf(lost, seen.seen);
  const processes = await lostProcesses(fence);
  if (processes !== "" && !mayRun)
    throw new Error(`it runs there all the same (process ${processes}), with old data: stop it for good`);
  return liftFence(journal, fence);
}
