import { leaveHosts } from "../remote/work";
import { engineAddress } from "./contract/engineAddress";
import { whenEngineGone } from "./contract/engineGone";
import { leaveLocks } from "./session/pairLock";
import type { Session } from "./session/session";

/**
 * Ends this provider when its engine is gone: without one it would hold the lock of a pair for ever, and whoever called its
 * methods is not there to get an answer. What a script on a host is doing comes to its end first, as after a crash of this
 * process between two scripts: the next run of the incident goes on from there.
 */
export function endWithEngine(session: Session): void {
  const address = engineAddress();
  if (address) whenEngineGone(address, () => void end(session));
}

async function end(session: Session): Promise<void> {
  // Whoever read these is gone too, and an error of theirs would end this process before its locks are free.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  await leaveLocks(session, await leaveHosts("The Pulumi engine of this run has ended"));
  process.exit(1);
}
