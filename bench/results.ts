/** What one run of one way came to. Times in seconds. */
export interface Figures {
  /** From the first failed answer of the manager with the data until both answer with all of it; 0: it never failed. */
  outage: number;
  /** The whole command. */
  wall: number;
  /** From the command's start to the first failed answer. */
  beforeStop: number;
  /** Logins that the sshd of the good and of the other manager's host accepted. */
  handshakes: [number, number];
  /** Sessions that were opened on them. */
  sessions: [number, number];
  /** Peak memory of the process that carries out the recovery, in MiB; 0 where no such process stays. */
  memory: number;
  /** Failed writes of a client of the manager that serves, and its longest pause; only where it serves all the time. */
  writes?: { failed: number; longestPause: number };
  /** A preview before, and the same command once more after; only of a way that has them. */
  preview?: number;
  again?: number;
  /** What ran when, in seconds from the command's start. */
  spans: Span[];
}

/** A piece of work in a timeline. */
export interface Span {
  /** The row it is drawn in. */
  row: string;
  what: string;
  from: number;
  to: number;
}

export type Case = "takeover" | "in-place";

/** One run. A way that did not bring the data back has a problem and no figures worth naming. */
export interface Result {
  case: Case;
  way: string;
  round: number;
  problem?: string;
  figures?: Figures;
}

/** Median, smallest and largest. */
export interface Spread {
  median: number;
  least: number;
  most: number;
  runs: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0, runs: sorted.length };
}

/** The figures of a way's runs that brought the data back. */
export const figuresOf = (results: readonly Result[], what: Case, way: string): Figures[] =>
  results.flatMap((one) => (one.case === what && one.way === way && one.figures ? [one.figures] : []));
