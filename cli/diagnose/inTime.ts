/** Milliseconds in which a host, login included, must have shown what a diagnosis needs; far more than it ever takes. */
const LIMIT_MS = 15_000;

/** The limit passed. */
export class Late extends Error {
  override name = "Late";
}

/**
 * What comes of a look at a host, within the limit.
 *
 * @param late what is said when it passes; the look itself is left to its own limits, and its outcome is dropped
 * @throws what the look throws, or an error that says it is late.
 */
export async function inTime<T>(look: Promise<T>, late: (limit: string) => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late(late(`${LIMIT_MS / 1000} s`))), LIMIT_MS);
  });
  try {
    return await Promise.race([look, limit]);
  } finally {
    clearTimeout(timer);
  }
}
