/** Does things one by one, each when everything that the one before set going has come to rest. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private under = false;

  next<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      if (!this.under) this.arrange();
    });
  }

  private arrange(): void {
    this.under = true;
    // Ticks come when no promise is left to be followed up, unless they were arranged by a tick.
    queueMicrotask(() => process.nextTick(() => this.take()));
  }

  private take(): void {
    this.under = false;
    this.waiting.shift()!();
    if (this.waiting.length > 0) this.arrange();
  }
}
