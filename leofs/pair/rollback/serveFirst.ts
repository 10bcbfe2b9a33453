import { type Look, WaitedTooLong, waitFor } from "../../../remote/wait";
import { startCommand } from "../../manager/control";
import type { Manager } from "../../manager/manager";
import { askIfThere, isServing, lackingToServe } from "../../manager/ready";
import type { Side, Sides } from "./rollbackState";

/** A manager that starts alone, or is given the tables by the other one, serves within 2 to 4 s. */
const SERVES_LIMIT_SECONDS = 60;

/** Waits until a manager serves every table. */
export const untilServes = (manager: Manager, said: (line: string) => void): Promise<true> =>
  waitFor(
    manager.host.clock,
    `${manager.spec.node} to serve every table again`,
    SERVES_LIMIT_SECONDS,
    async (): Promise<Look<true>> => {
      const missing = lackingToServe(await askIfThere(manager));
      return missing ? { waiting: `${manager.spec.node} ${missing}` } : { done: true };
    },
    said,
  );

/**
 * Has the manager with the data serve before an online recovery is undone. Where somebody stopped it while the other one ran,
 * users may have written to that one alone, and Mnesia waits for it: so both run then, until the first has every row.
 *
 * @returns whether a manager was started
 * @throws when it does not serve; nothing was put back.
 */
export async function serveFirst({ good, other }: Sides, said: (line: string) => void): Promise<boolean> {
  if (isServing(await askIfThere(good.manager))) return false;
  await start(good, said);
  try {
    await untilServes(good.manager, said);
  } catch (error) {
    if (!(error instanceof WaitedTooLong) || other.running) throw error;
    await startLast(good, other, said);
  }
  return true;
}

/** Mnesia waits for the manager that was the last to run. */
async function startLast(good: Side, other: Side, said: (line: string) => void): Promise<void> {
  const { node } = good.manager.spec;
  // With its files from before it would serve older rows.
  if (other.returned && other.original !== undefined)
    throw new Error(
      `${node} does not serve, and waits for ${other.manager.spec.node}, whose files are those from before the incident. Nothing is lost: what it had last is kept beside its Mnesia directory.`,
    );
  await start(other, said);
  // It ends itself when it has waited for 3 minutes.
  await start(good, said);
  await untilServes(good.manager, said).catch((error: Error) => {
    throw new Error(
      `${error.message}. Nothing was put back. Start both, ${startCommand(other.manager.spec)} first, then run pulumi up again.`,
    );
  });
}

async function start({ manager }: Side, said: (line: string) => void): Promise<void> {
  said(`starting ${manager.spec.node}`);
  await manager.start("");
}
