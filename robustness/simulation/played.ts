import type { RunOptions, RunResult } from "../../remote/host";
import type { RemoteEffect } from "./circumstances";
import { noted } from "./journalNotes";
import type { SimulatedMachine } from "./world";

/** What a script does to a machine, step by step, and what it then prints. */
export type Effect = RemoteEffect<Partial<RunResult>>;

/** Ends a script with an exit code, like `exit` in it. */
export class Exit extends Error {
  constructor(
    readonly code: number,
    readonly said: string,
  ) {
    super(said);
  }
}

/** What a named script does, its values by name. */
export type Played = (
  machine: SimulatedMachine,
  values: Record<string, string>,
  options: RunOptions,
) => Effect;

/** A script that only looks. */
export const reads = (answer: () => Partial<RunResult>): Effect => ({ steps: [], answer });
/** A script that changes something and prints nothing. */
export const does = (...steps: (() => void)[]): Effect => ({ steps, answer: () => ({}) });

/** Notes something in a machine's journal. */
export function note(machine: SimulatedMachine, entry: string, text: string): void {
  machine.journal = noted(machine.journal, entry, text);
}

/** A path as its directory and its name. */
export const split = (path: string): [string, string] => {
  const cut = path.lastIndexOf("/");
  return [path.slice(0, cut), path.slice(cut + 1)];
};
