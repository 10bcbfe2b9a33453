import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { processesOfStack } from "../../../robustness/matrix/support/engineProcesses";
import { eventually } from "../../../sandbox/commands";
import type { Ran, RecoveryRig } from "./recoveryRig";

/** What an incident noted on a manager's host. */
export const journalEntry = (rig: RecoveryRig, manager: string, incident: string, entry: string): string =>
  join(rig.sandbox.manager(manager).backups, `production-${incident}`, "journal", entry);

/** Starts an `up` and sends its engine, and it alone, a signal once a file is there; what that run came to. */
export const upKilledAt = (rig: RecoveryRig, file: string, signal: NodeJS.Signals): Promise<Ran> =>
  upKilledOnce(rig, `the file ${file}`, () => existsSync(file), signal);

/** The same once something else is so. */
export async function upKilledOnce(
  rig: RecoveryRig,
  what: string,
  isSo: () => Promise<boolean> | boolean,
  signal: NodeJS.Signals,
): Promise<Ran> {
  const up = rig.up();
  const ended = up.then(({ error }) => Promise.reject(new Error(`the run ended without ${what}: ${error}`)));
  // Found beforehand: to go through all processes of a busy machine takes seconds, in which the run goes on.
  const found = eventually("the engine", 60_000, async () => {
    const { engine } = await processesOfStack(rig.stack.directory);
    return engine.length > 0 ? engine : undefined;
  });
  for (const late of [found, ended]) late.catch(() => undefined);
  const engine = await Promise.race([found, ended]);
  expect(engine).toHaveLength(1);
  // A busy machine takes long to come there; a run that ends before it never does, and says why.
  await Promise.race([eventually(what, 180_000, async () => (await isSo()) || undefined), ended]);
  process.kill(engine[0]!, signal);
  return up;
}

/** Waits until no process that the stack's engine started is there any more. */
export const noProvider = (rig: RecoveryRig): Promise<true> =>
  eventually("the end of every provider", 150_000, async () => {
    const { providers } = await processesOfStack(rig.stack.directory);
    return providers.length === 0 ? true : undefined;
  });

/** Files of locks in the managers' homes. */
export const locksOf = (rig: RecoveryRig, managers: readonly string[]): string[] =>
  managers.flatMap((name) =>
    readdirSync(join(rig.sandbox.manager(name).home, "work")).filter((file) => file.includes("lock")),
  );
