import { type Look, type Report, WaitedTooLong, waitFor } from "../../remote/wait";
import { expressions } from "../erlang/expressions";
import { atom } from "../erlang/terms";
import { startCommand, stopBySpec } from "../manager/control";
import { listDirectory } from "../manager/directory";
import type { Manager } from "../manager/manager";
import { ifDown } from "../manager/proven";
import { askIfThere, isServing, lackingToServe, mnesiaGone } from "../manager/ready";

/** A manager that starts alone, or is given the tables by the other one, serves within 2 to 4 s. */
const SERVES_LIMIT_SECONDS = 60;

/** Waits until a manager serves every table. */
export const untilServes = (manager: Manager, report: Report): Promise<true> =>
  waitFor(
    manager.host.clock,
    `${manager.spec.node} to serve every table again`,
    SERVES_LIMIT_SECONDS,
    async (): Promise<Look<true>> => {
      const missing = lackingToServe(await askIfThere(manager));
      return missing ? { waiting: `${manager.spec.node} ${missing}` } : { done: true };
    },
    report,
  );

/** What is known of the managers beside the one with the data. */
export interface Around {
  /** The manager whose place the other one takes: it may have been the last to run. Default: there is none. */
  lost?: string | undefined;
  /** Of the other one a replica was only begun (`isUnmade`). Default: no. */
  unmade?: boolean;
}

/**
 * Has the manager with the data of an online recovery serve, where somebody stopped it. If that was while the other one ran,
 * users may have written to that one alone, and Mnesia waits for it: so both run then, until the first has every row.
 *
 * @param unfit why the other one must not be started for that; undefined: it may
 * @param around what else is known
 * @returns whether a manager was started
 * @throws when it does not serve; nothing else was changed.
 */
export async function serveFirst(
  good: Manager,
  other: Manager,
  unfit: () => Promise<string | undefined>,
  report: Report,
  { lost, unmade = false }: Around = {},
): Promise<boolean> {
  if (isServing(await askIfThere(good))) return false;
  await start(good, report);
  try {
    await untilServes(good, report);
  } catch (error) {
    if (!(error instanceof WaitedTooLong)) throw error;
    const gone = mnesiaGone(await askIfThere(good), good.spec);
    if (gone)
      throw new Error(
        `${good.spec.node} ${gone}. Nothing was changed. Start it (${startCommand(good.spec)}), then run pulumi up again.`,
      );
    if (!(await ifDown(other)))
      throw new Error(
        `${error.message}. ${other.spec.node} runs, and it does not get its tables from that one. Nothing was changed. ${waitsFor(good, lost)} why in log/app/error of both, then run pulumi up again.`,
      );
    if (unmade && !(await hasFiles(other))) {
      await serveWithout(good, other.spec.node, report, lost);
      return true;
    }
    const why = await unfit();
    if (why) throw new Error(`${good.spec.node} does not serve, and waits for ${other.spec.node}${why}`);
    await startLast(good, other, report, lost);
  }
  return true;
}

const NOTE_DOWN = expressions("leofs/pair/questions/note-down.erl");

/**
 * The manager with the data was ended while the temporary VM of the other one took part, and did not see that VM going down:
 * it waits for it. Nobody writes to such a VM, so that nothing is there that the first does not have.
 */
async function serveWithout(good: Manager, node: string, report: Report, lost?: string): Promise<void> {
  // It ends itself when it has waited for 3 minutes.
  await start(good, report);
  await waitFor(
    good.host.clock,
    `the Mnesia of ${good.spec.node} to run`,
    SERVES_LIMIT_SECONDS,
    async (): Promise<Look<true>> => {
      return (await askIfThere(good))?.mnesia === "yes" ? { done: true } : { waiting: "it does not yet" };
    },
    report,
  );
  report(`telling ${good.spec.node} that ${node} is down`);
  await good.ask(NOTE_DOWN, { Down: atom(node) });
  await stopBySpec(good.host, good.spec);
  await start(good, report);
  await untilServes(good, report).catch((error: Error) => {
    throw new Error(
      `${error.message}. It was told that ${node} is down, of which a replica was only begun, and was started again. Nothing else was changed. ${waitsFor(good, lost)} why in log/app/error, then run pulumi up again.`,
    );
  });
}

/** What to do with a manager that waits for one that was the last to run. */
const waitsFor = (good: Manager, lost?: string): string =>
  lost
    ? `It waits for the manager that was the last to run. If ${lost} was, have that one run until ${good.spec.node} serves; else see`
    : "See";

/** Mnesia waits for the manager that was the last to run. */
async function startLast(good: Manager, other: Manager, report: Report, lost?: string): Promise<void> {
  await start(other, report);
  // It ends itself when it has waited for 3 minutes.
  await start(good, report);
  await untilServes(good, report).catch((error: Error) => {
    throw new Error(
      `${error.message}. ${other.spec.node} was started too, in case it was the last to run. Nothing else was changed. ${lost ? `If ${lost} was, have that one run until ${good.spec.node} serves; else start` : "Start"} both, ${startCommand(other.spec)} first, then run pulumi up again.`,
    );
  });
}

async function start(manager: Manager, report: Report): Promise<void> {
  report(`starting ${manager.spec.node}`);
  await manager.start();
}

/** Why a manager cannot help the serving one. LeoFS would begin a new cluster in an empty directory. */
export async function withoutFiles(manager: Manager): Promise<string | undefined> {
  return (await hasFiles(manager))
    ? undefined
    : " or the manager whose place that one takes, whichever ran last. Nothing was changed. Have that one run until it serves, then run pulumi up again.";
}

/** Whether something lies in the Mnesia directory of a manager. */
export async function hasFiles({ host, settings, as }: Manager): Promise<boolean> {
  return (await listDirectory(host, settings.mnesiaDirectory, as)).files.length > 0;
}
