import { backupKiB } from "../../leofs/checks/backupRoom";
import { refusalText } from "../../leofs/checks/check";
import { goneBeside } from "../../leofs/checks/otherManagers";
import { isMove, nameOf } from "../../leofs/checks/recoveryCase";
import { judge } from "../../leofs/checks/situation";
import type { ManagerView } from "../../leofs/checks/view";
import { preparePlace } from "../../leofs/incident/backups/backupPlace";
import { noteCheck } from "../../leofs/incident/before";
import { entries } from "../../leofs/incident/entries";
import { type Choice, isBegun } from "../../leofs/incident/incident";
import type { Manager } from "../../leofs/manager/manager";
import { copyFindings, prepareCopies } from "../backup/secondCopies";
import type { Run } from "../contract/handler";
import { fenceLost, lostIn } from "../fence/fencing";
import { fenceOrMoveLook } from "../fence/moving";
import { checkedView, sharedView } from "../session/checkedViews";
import { abandonLock, holdLock, pairLockedByOthers } from "../session/pairLock";
import { refuseOtherPair } from "../session/pairSince";
import type { Session } from "../session/session";
import type { ManagerTarget } from "../targets/arguments";
import type { RecoveryCheckInputs, RecoveryCheckOutputs } from "./recoveryCheckTypes";

/**
 * Refuses, or locks the pair, makes its backup directories ready and fences the lost manager. Everything before this only reads; this
 * and everything after it may change hosts.
 */
export async function passCheck(
  session: Session,
  inputs: RecoveryCheckInputs,
  run: Run,
): Promise<RecoveryCheckOutputs> {
  const { managers } = inputs;
  run.progress.step("checking the preconditions on both hosts");
  // What the check of this run saw seconds ago is enough to refuse by. What decides is seen under the lock.
  const first = await judged(session, inputs, (target) => sharedView(session, target, inputs));
  await holdLock(session, managers, inputs, run.progress, managersOf(first));
  // Another recovery may have begun and ended between the look and the lock: only what is seen now counts.
  const freshly = (target: ManagerTarget) => checkedView(session, target, inputs);
  const { views, choice } = await judged(session, inputs, freshly).catch(async (error) => {
    await abandonLock(session, managers);
    throw error;
  });
  const { manager: good, journal } = views[choice.good];
  await prepareCopies(session, good.place, inputs);
  const schema = (await good.schemaName()) ?? (await good.schemaIn(good.settings.mnesiaDirectory)).cookie;
  const { recovery } = inputs;
  const gone = recovery.kind === "takeover" ? goneBeside(recovery, views[0], views[1]) : {};
  const nodes = views.map(({ manager }) => manager.spec.node);
  const method = inputs.recovery.method ?? "offline";
  const noted = { ...choice, nodes, schema, ...gone, method };
  // What an earlier check noted stands only once something was done by it.
  const renew = !isBegun(views.map((view) => view.journal));
  const prepare = async (view: ManagerView, target: ManagerTarget) => {
    await preparePlace(view.manager.place, target.backupDirectory);
    await noteCheck(view, noted, renew);
  };
  await bothOrFirst([prepare(views[0], managers[0]), prepare(views[1], managers[1])]);
  // In a state only from here on: what waits for it must not go on, in a run that leaves it out, by a check that did not pass.
  run.touching();
  run.progress.note(`both managers are locked for incident ${inputs.incident}; ${choice.why}`);
  const evidence = [choice.why];
  const lost = lostIn(session, inputs);
  if (lost && !isMove(recovery) && !entries.proven.isDone(journal)) {
    const fenced = await fenceLost(lost, journal, run.progress);
    run.progress.note(fenced);
    evidence.push(fenced);
  }
  return { choice, again: false, evidence };
}

/** Both pieces of work to their end; throws the first error. */
async function bothOrFirst(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
}

/** What was seen, and who has the good data. */
interface Judged {
  views: [ManagerView, ManagerView];
  choice: Choice;
}

const managersOf = ({ views }: Judged): [Manager, Manager] => [views[0].manager, views[1].manager];

/** Looks at both managers; throws with the reasons when the recovery must not start. */
async function judged(
  session: Session,
  inputs: RecoveryCheckInputs,
  view: (target: ManagerTarget) => Promise<ManagerView>,
): Promise<Judged> {
  const { recovery, managers, accept } = inputs;
  const views = await Promise.all([view(managers[0]), view(managers[1])]);
  // First of all: what a pair shows while another recovery works on it would be misread.
  const locked = await pairLockedByOthers(session, [views[0].manager, views[1].manager], managers, inputs);
  if (locked) throw locked;
  const { choice, findings } = await judge(recovery, views, accept, inputs.choice);
  findings.push(...(await copyFindings(session, inputs, backupKiB(views[0]) + backupKiB(views[1]), "work")));
  if (entries.proven.isDone(views[choice.good].journal)) await refuseOtherPair(views);
  else findings.push(...(await fenceOrMoveLook(session, inputs, views[0], "work")).findings);
  const refused = refusalText(`the ${nameOf(recovery)} of ${inputs.cluster}`, findings);
  if (refused) throw new Error(refused);
  return { views, choice };
}
