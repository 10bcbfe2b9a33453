import { rm } from "node:fs/promises";
import type { Worker } from "./worker";

/**
 * What a signal does to the matrix. The first Ctrl-C: no further case is begun. The second one, or any other signal to
 * end: it ends at once, and takes its sandboxes with it.
 */
export class Interruption {
  /** No case may be begun any more. */
  stopping = false;
  private ending = false;

  /**
   * @param workers those there are by then
   * @param work a directory that goes with them
   */
  constructor(
    private readonly workers: readonly Worker[],
    private readonly work: string,
    private readonly say: (line: string) => void,
  ) {
    process.on("SIGINT", () => (this.stopping ? void this.endAtOnce("Ctrl-C again") : this.stop()));
    for (const signal of ["SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => void this.endAtOnce(signal));
  }

  private stop(): void {
    this.stopping = true;
    this.say("ending after the cases that run; once more Ctrl-C ends at once");
  }

  private async endAtOnce(why: string): Promise<void> {
    if (this.ending) return this.say("the sandboxes are being taken down already, a few seconds more");
    this.stopping = true;
    this.ending = true;
    this.say(`${why}: taking down the sandboxes; what the cases that run came to is not counted`);
    const ends = await Promise.allSettled(this.workers.map((worker) => worker.abandon()));
    for (const one of ends)
      if (one.status === "rejected") this.say(String(one.reason?.message ?? one.reason));
    await rm(this.work, { recursive: true, force: true });
    this.say(ends.every(({ status }) => status === "fulfilled") ? "ended; nothing is left" : "ended");
    process.exit(130);
  }
}
