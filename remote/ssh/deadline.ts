/** A point in time after which waiting is given up. `AbortSignal.timeout` knows neither what is left nor an error of its own. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param milliseconds time allowed from now on
   * @param failure makes the error that ends the wait; called once, when time is up
   */
  constructor(
    milliseconds: number,
    private readonly failure: () => Error,
  ) {
    this.timer = setTimeout(() => this.controller.abort(this.failure()), Math.min(milliseconds, 2 ** 31 - 1));
  }

  /** Aborts when time is up, with the error as its reason. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The promise's outcome, or the failure when time is up first. */
  race<T>(promise: Promise<T>): Promise<T> {
    return untilAborted(promise, this.signal);
  }

  /** Ends the count: must be called when the work is over. */
  clear(): void {
    clearTimeout(this.timer);
  }
}

/** The promise's outcome, or the signal's reason when that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Waits; the wait ends early, without an error, when the signal aborts. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    if (signal?.aborted) done();
    else signal?.addEventListener("abort", done, { once: true });
  });
}
