import { outageSeconds } from "../../leofs/pair/outage";
import { requireRollback } from "../../leofs/pair/rollback/mayRollBack";
import { rollBack } from "../../leofs/pair/rollback/rollBack";
import type { Run } from "../contract/handler";
import type { Progress } from "../contract/progress";
import { liftAfterRollback, lostIn } from "../fence/fencing";
import { returnMoved } from "../fence/moving";
import { returnConfs } from "../nodes/nodeConfs";
import { holdLock, releaseLock } from "../session/pairLock";
import type { Opened, Session } from "../session/session";
import type { ManagerTarget } from "../targets/arguments";
import type { RecoveryRollbackInputs, RecoveryRollbackOutputs } from "./recoveryRollbackTypes";

/** Rolls an incident back: refused, or locked and put back. */
export async function rollbackWork(
  session: Session,
  inputs: RecoveryRollbackInputs,
  run: Run,
): Promise<RecoveryRollbackOutputs> {
  const { progress } = run;
  progress.step("checking whether the incident can be rolled back");
  const { managers, incident: before } = await session.open(inputs.managers, inputs);
  // Before the lock, so that a refusal leaves no trace; rollBack looks again under it.
  await requireRollback(managers, before, inputs.cluster);
  await holdLock(session, inputs.managers, inputs, progress);
  run.touching();
  // A step of the recovery may have written in them until the lock was taken.
  const incident = await session.read(managers, inputs);
  const evidence = await putBack(session, { managers, incident }, inputs, progress);
  await releaseLock(session, inputs.managers);
  progress.note(`rolled back: both managers are as they were before ${inputs.incident}`);
  const outages = await Promise.all(managers.map((manager) => outageSeconds(manager, incident.on(manager))));
  return { verdict: "rolled back", outageSeconds: Math.max(...outages), evidence };
}

/**
 * Puts back whatever an incident changed: the managers, the fence, a manager that was to move, the confs of nodes.
 *
 * @returns the evidence
 */
export async function putBack(
  session: Session,
  { managers, incident }: Opened<readonly [ManagerTarget, ManagerTarget]>,
  inputs: Omit<RecoveryRollbackInputs, "managers">,
  progress: Progress,
): Promise<string[]> {
  const lost = lostIn(session, inputs);
  const evidence = await rollBack(managers, incident, inputs.cluster, progress.step);
  evidence.push(...(await liftAfterRollback(lost, incident, progress)));
  evidence.push(...(await returnMoved(lost, managers, incident, progress)));
  evidence.push(...(await returnConfs(session, incident, inputs.nodes, inputs, progress)));
  return evidence;
}
