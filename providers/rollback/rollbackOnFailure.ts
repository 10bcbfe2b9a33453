import { messageOf, RemoteError } from "../../remote/errors";
import type { Run } from "../contract/handler";
import { releaseLock } from "../session/pairLock";
import type { Session } from "../session/session";
import type { ManagerTarget, OnFailure } from "../targets/arguments";
import type { RecoveryRollbackInputs } from "./recoveryRollbackTypes";
import { putBack } from "./rollbackWork";

/** What a rollback must know of a recovery besides its managers. */
type Rest = Omit<RecoveryRollbackInputs, "managers">;

/**
 * Does the last part of a recovery, whose failure means that the pair is not proven: with `onFailure: rollback` both
 * managers are then put back as they were. A host that cannot be reached is no such failure: the next `up` goes on.
 *
 * @throws the failure, and what became of the rollback.
 */
export async function orRollBack<T>(
  session: Session,
  inputs: Rest & { onFailure?: OnFailure },
  targets: readonly [ManagerTarget, ManagerTarget],
  run: Run,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (inputs.onFailure !== "rollback" || lostHost(error)) throw error;
    const failure = messageOf(error);
    run.progress.note(`failed, rolling back (onFailure: rollback): ${failure.split("\n")[0]}`);
    throw new Error(`${failure}\n${await rolledBack(session, inputs, targets, run)}`);
  }
}

/** Whether a failure says no more than that the way to a host was lost, in the words of a step or in its own. */
const lostHost = (error: unknown): boolean =>
  error instanceof RemoteError || (error instanceof Error && error.cause instanceof RemoteError);

async function rolledBack(
  session: Session,
  inputs: Rest,
  targets: readonly [ManagerTarget, ManagerTarget],
  run: Run,
): Promise<string> {
  try {
    // Read again: what a step noted whose reply was lost is on its host only.
    const opened = await session.open(targets, inputs);
    const evidence = await putBack(session, opened, inputs, run.progress);
    await releaseLock(session, targets);
    return `ROLLED BACK, as onFailure says; both managers are as they were before ${inputs.incident}:\n${evidence.map((line) => `  - ${line}`).join("\n")}\nMend the cause, then give a new incident name and run pulumi up again.`;
  } catch (error) {
    return `The rollback that onFailure asks for did not come to its end: ${messageOf(error)}\nSet rollback: true to go on with it, or leave it out to go on with the recovery; then run pulumi up again.`;
  }
}
