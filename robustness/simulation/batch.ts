import fc from "fast-check";
import { type History, historyOf, type Kind } from "./history";
import { type Played, play } from "./simulate";
import type { Broken } from "./surroundings";

/** Histories that belong together: all of them follow from one seed. */
export interface Batch {
  seed: number;
  histories: number;
  /** Ends with the first history that shows something, as it is. Default: that one is made as small as possible. */
  asItIs?: boolean;
  /** Histories of that kind only. Default: of all. */
  kind?: Kind;
  /** What is broken in each up. Default: nothing. */
  broken?: () => Broken;
}

/** A history that showed something that must never be, made as small as possible. */
export interface Found {
  /** What `--replay` takes. */
  replay: string;
  history: History;
  what: string;
  /** Histories of its batch before it, and steps of making it smaller. */
  after: number;
  shrinks: number;
}

/** What a batch, or several, showed. */
export interface BatchResult extends Played {
  histories: number;
  found: Found | undefined;
}

/** Plays a batch, up to the first history that shows something wrong. */
export async function playBatch({ seed, histories, asItIs, kind, broken }: Batch): Promise<BatchResult> {
  const result: BatchResult = { histories: 0, ups: 0, failed: 0, calls: 0, writes: 0, found: undefined };
  const property = fc.asyncProperty(historyOf(kind), async (one) => {
    const played = await play(one, broken && { broken });
    result.histories += 1;
    for (const key of ["ups", "failed", "calls", "writes"] as const) result[key] += played[key];
  });
  const run = await fc.check(property, { seed, numRuns: histories, endOnFailure: asItIs ?? false });
  if (run.failed)
    result.found = {
      replay: `${seed}:${run.counterexamplePath}`,
      history: run.counterexample![0],
      what: (run.errorInstance as Error).message,
      after: run.numRuns,
      shrinks: run.numShrinks,
    };
  return result;
}

/**
 * Plays one history again, telling every remote call.
 *
 * @param text as a failed run printed it: `SEED:PATH`
 * @param kind what that run was limited to
 * @returns what was found; undefined: nothing
 */
export async function replay(
  text: string,
  say: (line: string) => void,
  kind?: Kind,
): Promise<string | undefined> {
  const [, seed, path] = /^(-?\d+):(.+)$/.exec(text) ?? [];
  if (path === undefined) throw new Error(`a replay looks like 12:34:0:1, not ${JSON.stringify(text)}`);
  const property = fc.asyncProperty(historyOf(kind), async (one) => {
    await play(one, { trace: say });
  });
  const run = await fc.check(property, { seed: Number(seed), path, endOnFailure: true, numRuns: 1 });
  return run.failed ? ((run.errorInstance as Error)?.message ?? "?") : undefined;
}
