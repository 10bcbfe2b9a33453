import { mnesiaBackup } from "../../../providers/entry";
import type { MnesiaBackupInputs } from "../../../providers/mnesiaBackup";
import { holdLock, releaseLock } from "../../../providers/pairLock";
import { progressOf } from "../../../providers/progress";
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

const managersOf = (inputs: MnesiaBackupInputs) => inputs.guard!.managers;

// A provider host of its own, as each operator's engine starts one.
serve({
  /** The guarded first step of a recovery, whole: preconditions, lock, backup directories, dump. */
  begin: (inputs: MnesiaBackupInputs) => attempt(() => mnesiaBackup.create(inputs)),
  /** The lock alone, as every later step of a recovery that resumes takes it. */
  lock: (inputs: MnesiaBackupInputs) =>
    attempt(() => holdLock(managersOf(inputs), inputs, progressOf(undefined))),
  /** The end of a recovery. */
  release: (inputs: MnesiaBackupInputs) => releaseLock(managersOf(inputs)),
});
