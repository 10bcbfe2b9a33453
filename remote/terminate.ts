import { Deadline } from "./deadline";
import { RemoteError } from "./errors";
import type { Sessions } from "./sessions";
import { Shell } from "./shell";

/** Something on a channel that is to be given up. */
export interface Victim {
  /** Process id of its `sh` on the host; 0 when it never said. */
  pid: number;
  /** Closes its channel. */
  discard(): void;
}

/**
 * Ends a process of ours and its descendants. The parent is checked to be a shell still: its number could by
 * now belong to something else.
 */
const KILL_TREE = `
case $(ps -o comm= -p "$1" 2>/dev/null) in *sh|*busybox) ;; *) exit 0 ;; esac
table=$( (ps -A -o pid=,ppid= || ps -o pid,ppid) 2>/dev/null)
victims=$1
grown=yes
while [ "$grown" ]; do
  grown=
  set -- $table
  while [ $# -ge 2 ]; do
    case " $victims " in
      *" $1 "*) ;;
      *" $2 "*) victims="$victims $1"; grown=yes ;;
    esac
    shift 2
  done
done
kill -TERM $victims 2>/dev/null
sleep 1
kill -KILL $victims 2>/dev/null
exit 0`;

/**
 * Tries to end a remote process that was given up, over another session on the same connection. Closing a
 * channel alone does not end what runs behind it. Never fails: it is the last thing done about that process.
 */
export async function terminate(sessions: Sessions, user: string | undefined, victim: Victim): Promise<void> {
  const release = sessions.link.hold();
  const limit = new Deadline(10_000, () => new Error("time is up"));
  try {
    if (victim.pid === 0) return;
    // The channel stays open meanwhile where the server allows a second session: an open channel keeps the
    // shell waiting, and so its process id ours.
    const killer = await Shell.open(sessions, user, limit.signal, false).catch((error) => {
      if (!(error instanceof RemoteError && error.kind === "channel")) throw error;
      victim.discard();
      return Shell.open(sessions, user, limit.signal, true);
    });
    await limit
      .race(killer.run({ script: KILL_TREE, args: [String(victim.pid)] }))
      .finally(() => killer.close());
  } catch {
    // The caller already has the error that matters.
  } finally {
    victim.discard();
    limit.clear();
    release();
  }
}
