import { RemoteError } from "../errors";
import { call, script } from "../script";
import { noteWork } from "../work";
import { Deadline } from "./deadline";
import type { Sessions } from "./sessions";
import { Shell } from "./shell";

/** Something on a channel that is to be given up. */
export interface Victim {
  /** Process id of its `sh` on the host, or of what that became; 0 when it never said. */
  pid: number;
  /** Closes its channel. */
  discard(): void;
}

const KILL_TREE = script("remote/scripts/kill-tree.sh");

/**
 * Tries to end a remote process that was given up, over another session on the same connection. Closing a
 * channel alone does not end what runs behind it. Never fails: it is the last thing done about that process.
 */
export async function terminate(sessions: Sessions, user: string | undefined, victim: Victim): Promise<void> {
  const release = sessions.link.hold();
  const over = noteWork(sessions.link.label);
  let ended = victim.pid === 0;
  const limit = new Deadline(10_000, () => new Error("time is up"));
  try {
    if (ended) return;
    // The channel stays open meanwhile where the server allows a second session: an open channel keeps the
    // shell waiting, and so its process id ours.
    const killer = await Shell.open(sessions, user, limit.signal, false).catch((error) => {
      if (!(error instanceof RemoteError && error.kind === "channel")) throw error;
      victim.discard();
      return Shell.open(sessions, user, limit.signal, true);
    });
    await limit.race(killer.run(call(KILL_TREE, { pid: victim.pid }))).finally(() => killer.close());
    ended = true;
  } catch {
    // The caller already has the error that matters.
  } finally {
    victim.discard();
    limit.clear();
    release();
    over(ended);
  }
}
