import { appendFileSync } from "node:fs";

/** A file to note in when each piece of work began and ended, for the benchmark's timeline. Default: nothing is noted. */
const FILE = process.env.LEOFS_RECOVERY_TIMELINE;

/**
 * Does a piece of work, and notes a JSON line of it when it is over: `row` who does it, `what`, `from` and `to` in
 * milliseconds since 1970.
 */
export async function timed<T>(row: string, what: string, work: () => Promise<T>): Promise<T> {
  if (FILE === undefined) return work();
  const from = now();
  try {
    return await work();
  } finally {
    appendFileSync(FILE, `${JSON.stringify({ row, what, from, to: now() })}\n`);
  }
}

const now = (): number => performance.timeOrigin + performance.now();
