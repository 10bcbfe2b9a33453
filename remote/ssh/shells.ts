import { RemoteError } from "../errors";
import { Deadline } from "./deadline";
import type { Command } from "./framing";
import type { Sessions } from "./sessions";
import { type Output, Shell } from "./shell";
import { terminate } from "./terminate";

/** Shells of one user on one host; more than one only while commands take long. */
const MOST = 3;
/** How long a command waits for a busy shell before another one is opened. */
const PATIENCE_MS = 100;
/** Limit for starting a shell, on top of connecting: a login shell may be slow, but not for ever. */
const START_MS = 15_000;

interface Job {
  command: Command;
  deadline: Deadline;
  /** Tells the maker of the time-out error that the command is running. */
  begun(): void;
  resolve(output: Output): void;
  reject(error: unknown): void;
}

/** Runs commands as one user: one after another on one long-lived shell, a few at once when they take long. */
export class Shells {
  private readonly queue: Job[] = [];
  private readonly free: Shell[] = [];
  private count = 0;
  private opening = false;
  private most = MOST;
  private growing: NodeJS.Timeout | undefined;

  /** @param user undefined for the login user */
  constructor(
    private readonly sessions: Sessions,
    private readonly user: string | undefined,
  ) {}

  /** Runs a command within a deadline that counts from now, waiting and connecting included. */
  run(command: Command, deadline: Deadline, begun: () => void): Promise<Output> {
    return new Promise((resolve, reject) => {
      const job: Job = { command, deadline, begun, resolve, reject };
      deadline.signal.addEventListener("abort", () => this.withdraw(job), { once: true });
      this.queue.push(job);
      this.pump();
    });
  }

  private withdraw(job: Job): void {
    const place = this.queue.indexOf(job);
    if (place < 0) return;
    this.queue.splice(place, 1);
    job.reject(job.deadline.signal.reason);
  }

  private pump(): void {
    while (this.queue.length > 0) {
      const shell = this.free.pop();
      if (!shell) break;
      if (shell.dead) continue;
      void this.work(shell, this.queue.shift()!);
    }
    if (this.queue.length === 0) this.stopGrowing();
    else if (this.count === 0) void this.open();
    else if (this.count < this.most)
      this.growing ??= setTimeout(() => {
        this.growing = undefined;
        if (this.queue.length > 0) void this.open();
      }, PATIENCE_MS);
  }

  private stopGrowing(): void {
    clearTimeout(this.growing);
    this.growing = undefined;
  }

  private async work(shell: Shell, job: Job): Promise<void> {
    this.sessions.markBusy(shell);
    try {
      job.begun();
      job.resolve(await job.deadline.race(shell.run(job.command)));
    } catch (error) {
      job.reject(error);
      if (job.deadline.signal.aborted && !shell.dead) {
        this.forget(shell);
        void terminate(this.sessions, this.user, shell);
        return this.pump();
      }
    }
    if (shell.dead) return this.pump();
    if (this.sessions.wanted) {
      shell.close();
      this.forget(shell);
      return this.pump();
    }
    this.free.push(shell);
    this.pump();
    if (this.free.includes(shell)) this.sessions.markIdle(shell);
  }

  private async open(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    const first = this.count === 0;
    const { dialErrorLimit, perDialTimeout } = this.sessions.link.endpoint;
    const dialling = (perDialTimeout > 0 ? perDialTimeout : 60) * Math.max(1, Math.min(dialErrorLimit, 10));
    const limit = new Deadline(dialling * 1000 + START_MS, () => this.slow());
    try {
      const shell = await Shell.open(this.sessions, this.user, limit.signal, first);
      if (first) this.most = MOST;
      this.count += 1;
      this.free.push(shell);
      shell.onEnd(() => this.forget(shell));
    } catch (error) {
      // A server that allows no further session is no reason to fail what the first shell will come to.
      if (this.count > 0) this.most = this.count;
      else for (const job of this.queue.splice(0)) job.reject(error);
    } finally {
      limit.clear();
      this.opening = false;
    }
    this.pump();
  }

  private readonly forgotten = new WeakSet<Shell>();

  private forget(shell: Shell): void {
    if (this.forgotten.has(shell)) return;
    this.forgotten.add(shell);
    this.count -= 1;
    this.sessions.markBusy(shell);
    const place = this.free.indexOf(shell);
    if (place >= 0) this.free.splice(place, 1);
    if (!this.opening) this.pump();
  }

  private slow(): RemoteError {
    const { label } = this.sessions.link;
    return new RemoteError(
      "timeout",
      label,
      `${label} accepted the login but its shell was not ready in time. ` +
        `Check what the login shell's start files do there, and the host's load.`,
    );
  }
}
