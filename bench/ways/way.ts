import type { Span } from "../results";
import type { Scene } from "../scene";

/** A way to recover, started and waited for. */
export interface Way {
  name: string;
  /** What it is, for the table. */
  title: string;
  /** Why it cannot run on this machine; undefined: it can. */
  missing?(): Promise<string | undefined>;
  /** Everything before the clock starts: projects, playbooks, stacks. */
  prepare(scene: Scene): Promise<Prepared>;
}

/** A recovery ready to be started. */
export interface Prepared {
  /** Working directory of the process whose memory counts; undefined: there is none. */
  memoryOf?: string;
  /** Carries it out. @throws with its output when it failed. */
  recover(): Promise<Span[]>;
  /** What is run around a recovery and changes nothing, each in seconds: a preview before, the same command again after. */
  around?: { preview(): Promise<number>; again(): Promise<number> };
  /** Makes the next `recover` one that finds everything done: what is left of it is the way's own. Absent: `true` in the steps does. */
  forget?(): Promise<void>;
  end(): Promise<void>;
}

/** Seconds since the first call of it. */
export function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}
