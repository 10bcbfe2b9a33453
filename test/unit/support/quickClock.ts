import type { Clock } from "../../../remote/clock";

/** A clock by which a wait takes no time, and is over all the same. */
export class QuickClock implements Clock {
  private passed = 0;

  now(): number {
    return this.passed;
  }

  stamp(): string {
    return new Date(this.passed).toISOString();
  }

  async pause(milliseconds: number): Promise<void> {
    this.passed += milliseconds;
  }

  limit(milliseconds: number): Promise<void> {
    return this.pause(milliseconds);
  }
}
