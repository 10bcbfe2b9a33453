import type { Clock } from "../clock";
import type { Host } from "../host";
import { markOf, RUN } from "../work";
import type { LockFile, LockFiles } from "./lockFiles";
import { type LockHolder, newLockId } from "./lockOwner";

/** How a lock is kept. */
export interface LockOptions {
  /** A holder without a sign of life for this long, by the host's clock, is considered dead. Default 60,000. */
  staleAfterMs?: number;
  /** Time between signs of life. Default 5,000. */
  refreshMs?: number;
  /** User on the host who owns the lock file. Default the login user. */
  as?: string;
  /** Called once when somebody else is found to hold the lock. */
  onLost?: (error: Error) => void;
  /**
   * What a holder who is gone and worked on another incident has left unfinished; undefined: nothing, so that its lock
   * may be taken over. Default: only the same incident may.
   */
  unfinished?: (holder: LockHolder) => Promise<string | undefined>;
  /** Most time to wait until the scripts of a holder who is gone are over. Default 90,000. */
  patienceMs?: number;
}

/** A lock that is held. */
export interface Lock {
  /** Throws when the lock is no longer this holder's; to be called before a step that must not happen twice. */
  verify(): Promise<void>;
  /** Gives back; harmless when called twice or when the lock was lost. The last of several users frees it. */
  release(): Promise<void>;
  /**
   * Gives back as a holder that is gone: the same incident goes on at once, from any machine, and another one is let in only
   * where `unfinished` finds nothing.
   */
  abandon(): Promise<void>;
  /** Waits until no service step that respects this lock runs on its host; false when one still does after the limit. */
  quiet(limitMs: number): Promise<boolean>;
  /** Whoever held it before and was gone without giving it back, the last one last. */
  readonly gone: readonly LockHolder[];
}

/** A lock of this process: it shows life, finds out when it was lost, and is given back. */
export class HeldLock implements Lock {
  readonly gone: readonly LockHolder[];
  private readonly label: string;
  private readonly clock: Clock;
  private readonly timer: NodeJS.Timeout;
  private readonly id: string;
  private readonly file: string;
  private readonly holder: LockHolder | undefined;
  private lost: Error | undefined;
  private refreshing = false;

  /** @param former the files of earlier holders */
  constructor(
    { label, clock }: Host,
    private readonly files: LockFiles,
    { id, file, holder }: LockFile,
    former: readonly LockFile[],
    private readonly options: LockOptions,
  ) {
    this.label = label;
    this.clock = clock;
    this.id = id;
    this.file = file;
    this.holder = holder;
    this.gone = former.flatMap(({ holder }) => (holder && !holder.released ? [holder] : []));
    this.timer = setInterval(() => void this.beat(), options.refreshMs ?? 5_000);
    this.timer.unref();
  }

  /** @throws when a script of an earlier holder is not over in time */
  async awaitFormer(): Promise<void> {
    const marks = this.gone.filter(({ run }) => run !== RUN).map(({ run }) => markOf(run));
    if (marks.length === 0) return;
    const limitMs = this.options.patienceMs ?? 90_000;
    const running = await this.awaitScripts(marks, limitMs);
    if (running.length > 0)
      throw new Error(
        `${this.label}: a run that held the lock ${this.files.path} has ended, but what it began on this host still runs ` +
          `after ${limitMs / 1000} s (process ${running.join(", ")}). Nothing was done. See there what that process does; ` +
          "when it is over, run pulumi up again.",
      );
  }

  async quiet(limitMs: number): Promise<boolean> {
    return (await this.awaitScripts([], limitMs)).length === 0;
  }

  /** Ends the signs of life without giving back: the next run finds a holder that is gone. */
  leave(): void {
    clearInterval(this.timer);
  }

  async verify(): Promise<void> {
    if (!this.lost && !(await this.files.refresh(this.id, this.file))) this.lose();
    if (this.lost) throw this.lost;
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    if (!this.lost) await this.files.release(this.id, newLockId());
  }

  async abandon(): Promise<void> {
    clearInterval(this.timer);
    if (!this.lost && this.holder) await this.files.abandon(this.id, newLockId(), this.holder);
  }

  private async awaitScripts(marks: readonly string[], limitMs: number): Promise<number[]> {
    const end = this.clock.now() + limitMs;
    for (;;) {
      const running = await this.files.atWork(marks);
      if (running.length === 0 || this.clock.now() > end) return running;
      await this.clock.pause(250);
    }
  }

  private async beat(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    try {
      if (!(await this.files.refresh(this.id, this.file))) this.lose();
    } catch {
      // The host cannot be asked now; whether the lock was lost shows at the next beat or step.
    } finally {
      this.refreshing = false;
    }
  }

  private lose(): void {
    clearInterval(this.timer);
    this.lost = new Error(
      `The lock ${this.files.path} on ${this.label} was taken over or removed by somebody else. ` +
        `Nothing further is done here. See who works on this pair before you try again.`,
    );
    this.options.onLost?.(this.lost);
  }
}
