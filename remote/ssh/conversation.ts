import { excerpt, RemoteError } from "../errors";
import type { Conversation, RemoteProcess } from "../host";
import { timed } from "../timeline";

/** What a conversation needs of the connection that it uses. */
export interface Ground {
  /** For messages: the host, and the script that answers. */
  label: string;
  what: string;
  /** Keeps the program alive until the returned function is called. */
  hold(): () => void;
  /** Says whether its session is in use: one that is not may be closed for another. */
  busy(inUse: boolean): void;
}

interface Open {
  resolve(answer: string): void;
  reject(error: Error): void;
}

/** How much is kept of what was printed and is no answer, for the message of an early end. */
const SAID = 2000;

/**
 * Questions and answers over the streams of one process: a line `ID WORDS` each question, a line `=ID WORDS` each
 * answer, in any order. Lines of another form answer nothing.
 */
export class Talk implements Conversation {
  private readonly open = new Map<string, Open>();
  private asked = 0;
  private rest: Buffer[] = [];
  private said = "";
  private gone: Error | undefined;
  private readonly whenGone: Array<() => void> = [];

  constructor(
    private readonly process: RemoteProcess,
    private readonly ground: Ground,
  ) {
    process.stdout.on("data", (chunk: Buffer) => this.take(chunk));
    process.stdin.on("error", () => undefined);
    process.done.then(
      ({ code, stderr }) => this.finish(this.ended(code, stderr)),
      (error: Error) => this.finish(error),
    );
  }

  onEnd(callback: () => void): void {
    if (this.gone) callback();
    else this.whenGone.push(callback);
  }

  tell(line: string): void {
    this.process.stdin.write(`${line}\n`);
  }

  async ask(words: string, timeoutMs: number): Promise<string> {
    if (this.gone) throw this.gone;
    this.asked += 1;
    const id = String(this.asked);
    const release = this.ground.hold();
    this.ground.busy(true);
    const timer = setTimeout(() => this.hang(timeoutMs), timeoutMs);
    try {
      return await timed(
        this.ground.label,
        `${this.ground.what}: question`,
        () =>
          new Promise<string>((resolve, reject) => {
            this.open.set(id, { resolve, reject });
            this.tell(`${id} ${words}`);
          }),
      );
    } finally {
      clearTimeout(timer);
      this.open.delete(id);
      if (this.open.size === 0 && !this.gone) this.ground.busy(false);
      release();
    }
  }

  close(): void {
    this.finish(new RemoteError("closed", this.ground.label, `${this.place} was closed.`));
    this.process.stdin.end();
  }

  /** A process that answers neither the question nor that it is late does not work: it is ended. */
  private hang(timeoutMs: number): void {
    const text = `${this.place} gave no answer within ${timeoutMs} ms; it was ended. Check the host's load, then try again.`;
    this.finish(new RemoteError("timeout", this.ground.label, text));
    this.process.abort();
  }

  private take(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      this.line(Buffer.concat([...this.rest, chunk.subarray(from, at)]).toString("latin1"));
      this.rest = [];
      from = at + 1;
    }
    if (from < chunk.length) this.rest.push(chunk.subarray(from));
  }

  private line(line: string): void {
    const [, id = "", words = ""] = /^=(\d+) (.*)$/.exec(line) ?? [];
    const open = this.open.get(id);
    if (open) open.resolve(words);
    else if (id === "") this.said = `${this.said}${line}\n`.slice(-SAID);
  }

  private finish(error: Error): void {
    if (this.gone) return;
    this.gone = error;
    this.ground.busy(true);
    for (const callback of this.whenGone.splice(0)) callback();
    for (const { reject } of this.open.values()) reject(error);
  }

  private ended(code: number, stderr: string): RemoteError {
    const words = excerpt(`${this.said} ${stderr}`);
    const text = `${this.place} ended (exit ${code})${words ? `; it said: ${words}` : ""}.`;
    return new RemoteError("closed", this.ground.label, text);
  }

  private get place(): string {
    return `\`${this.ground.what}\` on ${this.ground.label}`;
  }
}
