import { excerpt } from "../errors";
import type { Host, RunOptions, RunResult } from "../host";
import { script } from "../script";
import { type LockHolder, parseHolder } from "./lockOwner";

/*
 * A lock is a chain of files of two lines each, an id and a holder. PATH is the first holder; whoever takes over from
 * the holder with id X creates PATH.X.next. Each file comes into being whole, by a hard link, so exactly one process
 * can create it, and a file is never changed but for its time stamp. The last file of the chain tells the holder.
 * Giving back first occupies the holder's own successor (nobody can take over then), then removes PATH, then the rest.
 * So no moment exists in which two processes hold the lock, wherever one of them is stopped or how long it sleeps.
 */

/** One file of the chain. */
export interface LockFile {
  file: string;
  /** Name of this taking of the lock. */
  id: string;
  /** Undefined when the file says nothing that can be read. */
  holder: LockHolder | undefined;
  /** Milliseconds since its holder's last sign of life, both by the clock of the host's file system. */
  ageMs: number;
}

const CLAIM = script("remote/scripts/claim-lock.sh");
const LOOK = script("remote/scripts/look-at-lock.sh");
const REFRESH = script("remote/scripts/refresh-lock.sh");
const RELEASE = script("remote/scripts/release-lock.sh");
const AT_WORK = script("remote/scripts/at-work.sh");

/** The files of one lock on one host. */
export class LockFiles {
  constructor(
    private readonly host: Host,
    readonly path: string,
    private readonly options: RunOptions,
  ) {
    // The files are told apart by lines.
    if (!path.startsWith("/") || path.includes("\n"))
      throw new Error(`The path of a lock must be absolute and on one line: ${JSON.stringify(path)}`);
  }

  /** Where the successor of a holder goes. */
  successorOf(id: string): string {
    return `${this.path}.${id}.next`;
  }

  /** Tries to create one file of the chain; gives the chain as it is then. */
  async claim(id: string, holder: LockHolder, place: string): Promise<LockFile[]> {
    return this.claimed(id, holder, place, this.options);
  }

  /** Ends as a holder that is gone, in the successor's place: nothing where somebody has that already. `id` is a new one. */
  async abandon(own: string, id: string, holder: LockHolder): Promise<void> {
    await this.claimed(id, { ...holder, ended: true }, this.successorOf(own), this.atTheEnd);
  }

  private async claimed(id: string, holder: LockHolder, place: string, options: RunOptions) {
    const values = { path: this.path, own: id, holder: JSON.stringify(holder), place };
    const result = await this.host.run(CLAIM, values, options);
    if (result.code !== 0) throw this.failure("taken", result);
    return parseChain(result.stdout);
  }

  /** The chain as it is now; read-only. */
  async look(): Promise<LockFile[]> {
    return parseChain((await this.host.run(LOOK, { path: this.path }, this.options)).stdout);
  }

  /**
   * Processes on the host of scripts that are not over: of these runs, and service steps that respect this lock.
   *
   * @param marks names of the runs' shells
   */
  async atWork(marks: readonly string[]): Promise<number[]> {
    const { stdout } = await this.host.run(AT_WORK, { path: this.path, list: marks }, this.atTheEnd);
    return stdout.split("\n").filter(Boolean).map(Number);
  }

  /** Shows life; false when the lock is no longer this holder's. */
  async refresh(id: string, file: string): Promise<boolean> {
    const result = await this.host.run(REFRESH, { path: this.path, own: id, file }, this.atTheEnd);
    if (result.code !== 0 && result.code !== 3) throw this.failure("refreshed", result);
    return result.code === 0;
  }

  /** Gives back; false when the lock was no longer this holder's. `tombId` is a new id. */
  async release(id: string, tombId: string): Promise<boolean> {
    const values = { path: this.path, own: id, tomb: tombId };
    const result = await this.host.run(RELEASE, values, this.atTheEnd);
    if (result.code !== 0 && result.code !== 3) throw this.failure("given back", result);
    return result.code === 0;
  }

  private get atTheEnd(): RunOptions {
    return { ...this.options, atTheEnd: true };
  }

  private failure(what: string, result: RunResult): Error {
    return new Error(
      `The lock ${this.path} on ${this.host.label} cannot be ${what}: ${excerpt(result.stderr) || `exit code ${result.code}`}. ` +
        `Check that its directory exists, has space and is writable for the login user.`,
    );
  }
}

function parseChain(text: string): LockFile[] {
  const lines = text.split("\n");
  const chain: LockFile[] = [];
  for (let at = 0; at + 3 < lines.length; at += 4) {
    const [file, age, id, holder] = lines.slice(at, at + 4) as [string, string, string, string];
    chain.push({ file, id, holder: parseHolder(holder.slice(1)), ageMs: Number(age) * 1000 });
  }
  return chain;
}
