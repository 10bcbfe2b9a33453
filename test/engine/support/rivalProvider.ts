import type { RecoveryCheckInputs } from "../../../providers/check/recoveryCheckTypes";
import { progressOf } from "../../../providers/contract/progress";
import { providersOf } from "../../../providers/resources";
import { holdLock, releaseLock } from "../../../providers/session/pairLock";
import { Session } from "../../../providers/session/session";
import { serve } from "./otherProcess";

/** What an attempt to begin a recovery came to. */
export interface Attempt {
  /** The refusal; undefined when it went through. */
  refused?: string;
  /** Whether something may have been changed by then: the state would keep the resource. */
  begun: boolean;
}

async function attempt(run: () => Promise<unknown>): Promise<Attempt> {
  try {
    await run();
    return { begun: true };
  } catch (error) {
    return { refused: (error as Error).message, begun: "id" in (error as Error) };
  }
}

const managersOf = (inputs: RecoveryCheckInputs) => inputs.managers;

const session = new Session();
const { recoveryCheck } = providersOf(session);

// A provider host of its own, as each operator's engine starts one.
serve({
  /** The check of a recovery, whole: preconditions, lock, backup directories. */
  begin: (inputs: RecoveryCheckInputs) => attempt(() => recoveryCheck.create(inputs)),
  /** The lock alone, as every later step of a recovery that resumes takes it. */
  lock: (inputs: RecoveryCheckInputs) =>
    attempt(() => holdLock(session, managersOf(inputs), inputs, progressOf(undefined))),
  /** The end of a recovery. */
  release: (inputs: RecoveryCheckInputs) => releaseLock(session, managersOf(inputs)),
});
