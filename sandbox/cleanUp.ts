import { rm } from "node:fs/promises";
import { Sandbox } from ".";
import { directoryVariable } from "./processes";

/** Something was interrupted from outside. */
class Interrupted extends Error {
  constructor() {
    super("interrupted");
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** How long the part that was interrupted may take to notice; what it started meanwhile is ended all the same. */
const NOTICE_MS = 15_000;

/**
 * Ends the throw-away clusters and the engine of a demo or a benchmark and removes their files, whatever happens: at the
 * end, after a failure, on Ctrl-C. A second Ctrl-C changes nothing: they are being ended already.
 */
export class CleanUp {
  private readonly abort = new AbortController();
  private readonly listeners = SIGNALS.map((signal) => [signal, () => void this.interrupt(signal)] as const);
  private work: Promise<unknown> = Promise.resolve();
  private ending = false;

  /**
   * @param clusters directories of the sandboxes, whether they are there yet or not
   * @param directories removed after them, the first one last
   */
  constructor(
    private readonly clusters: readonly string[],
    private readonly directories: readonly string[],
    private readonly say: (line: string) => void,
  ) {
    // The engine and its plugins inherit it, so that ending a sandbox by its directory ends them too.
    process.env[directoryVariable] = clusters[0];
    for (const [signal, listener] of this.listeners) process.on(signal, listener);
  }

  /** Aborted on Ctrl-C: for the engine. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Throws once it was interrupted: between its steps. */
  check(): void {
    if (this.abort.signal.aborted) throw new Interrupted();
  }

  /** Runs the work, so that an interruption can wait for it to stop. */
  guard<T>(work: Promise<T>): Promise<T> {
    this.work = work.catch(() => undefined);
    return work;
  }

  /** Ends clusters and engine, removes the files. Harmless when there is nothing. */
  async end(): Promise<void> {
    await this.down();
    for (const directory of [...this.directories].reverse())
      await rm(directory, { recursive: true, force: true });
  }

  /** From here on Ctrl-C does what it always does. */
  release(): void {
    for (const [signal, listener] of this.listeners) process.off(signal, listener);
    delete process.env[directoryVariable];
  }

  private async down(): Promise<void> {
    for (const cluster of this.clusters) await Sandbox.down(cluster);
  }

  private async interrupt(signal: NodeJS.Signals): Promise<void> {
    if (this.ending) {
      this.say(`${signal} again: all is being ended already, a few seconds more`);
      return;
    }
    this.ending = true;
    this.say(`${signal}: ending what runs here and the engine`);
    this.abort.abort();
    try {
      await this.down();
      await Promise.race([this.work, new Promise((resolve) => setTimeout(resolve, NOTICE_MS).unref())]);
      await this.end();
      this.say("ended; nothing is left");
    } catch (error) {
      this.say(`not everything could be ended: ${(error as Error).message}`);
    }
    process.exit(130);
  }
}
