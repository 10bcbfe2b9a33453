import { constants } from "node:os";
import { Readable, Writable } from "node:stream";
import type { ClientChannel } from "ssh2";
import { RemoteError } from "../errors";
import type { RemoteProcess } from "../host";
import { commandLine } from "../quote";
import { noteWork } from "../work";
import { becomeFailure, becomeText } from "./become";
import type { Deadline } from "./deadline";
import { type Command, FrameReader, greeting, newToken } from "./framing";
import { interrupted } from "./loss";
import type { Sessions } from "./sessions";
import { terminate, type Victim } from "./terminate";

const STDERR_LIMIT = 64 * 1024;
const BUFFER = 1024 * 1024;
/** Most bytes that the library hands over at once. */
const SSH_CHUNK = 32 * 1024;

/**
 * Starts a script on a session of its own, its input and output as streams.
 *
 * @param starting limit for connecting and starting
 * @param idleMs most time without a byte either way; then the process is ended and its streams fail. Without a limit
 * the process waits for what it is told, and does not keep the program alive
 */
export async function startProcess(
  sessions: Sessions,
  user: string | undefined,
  command: Command,
  starting: Deadline,
  idleMs: number | undefined,
): Promise<RemoteProcess> {
  const release = sessions.link.hold();
  try {
    const channel = await sessions.start(starting.signal);
    const streams = new Streams(sessions, user, command.what, channel, idleMs, release);
    const started = await streams.start(command, starting);
    if (idleMs === undefined) release();
    return started;
  } catch (error) {
    release();
    throw error;
  }
}

class Streams implements Victim {
  pid = 0;
  private stderr = "";
  private reader: FrameReader | undefined;
  private failure: Error | undefined;
  private exit: number | undefined;
  private idle: NodeJS.Timeout | undefined;
  private over: ((seen: boolean) => void) | undefined;
  private readonly stdout: Readable;
  private readonly stdin: Writable;
  private readonly finished: Promise<number>;
  private settle: { resolve(code: number): void; reject(error: Error): void } | undefined;

  constructor(
    private readonly sessions: Sessions,
    private readonly user: string | undefined,
    private readonly what: string,
    private readonly channel: ClientChannel,
    private readonly idleMs: number | undefined,
    private readonly release: () => void,
  ) {
    this.finished = forgiving(
      new Promise((resolve, reject) => {
        this.settle = { resolve, reject };
      }),
    );
    this.stdout = new Readable({
      // Of a stream of bytes a reader gets what waits joined, copied once more. As many chunks of SSH as make up the same.
      objectMode: true,
      highWaterMark: BUFFER / SSH_CHUNK,
      read: () => void channel.resume(),
      destroy: (error, done) => {
        // Nobody will read on: a sender that is held back would otherwise wait for ever.
        this.abort(error ?? this.givenUp());
        done(error);
      },
    });
    this.stdin = new Writable({
      highWaterMark: BUFFER,
      write: (chunk, _encoding, done) => {
        if (this.closed) return done(this.failure ?? this.ended());
        channel.write(chunk, (error) => {
          this.moved();
          done(error);
        });
      },
      final: (done) => {
        channel.end();
        done();
      },
      destroy: (error, done) => {
        if (error) this.abort(error);
        done(error);
      },
    });
    // Whoever reads or writes gets the error; without a reader it must not end the process.
    this.stdout.on("error", () => undefined);
    this.stdin.on("error", () => undefined);
    channel.on("error", () => undefined);
    channel.once("close", () => this.finish());
    channel.on("exit", (code: number | null, signal?: string) => {
      this.exit = code ?? 128 + (signalNumber(signal) ?? 0);
    });
  }

  discard(): void {
    this.sessions.abandon(this.channel);
    this.finish();
  }

  /** Waits for the process's first word, then hands out its streams. */
  async start(command: Command, deadline: Deadline): Promise<RemoteProcess> {
    const token = newToken();
    const inner = `${greeting(token)}; exec ${commandLine(command.script, command.args)}`;
    const begun = new Promise<void>((resolve) => {
      const reader = new FrameReader(token);
      this.reader = reader;
      this.channel.on("data", (chunk: Buffer) => this.take(chunk, resolve));
    });
    this.channel.stderr.on("data", (chunk: Buffer) => {
      if (this.stderr.length < STDERR_LIMIT) this.stderr += chunk.toString("utf8");
      this.moved();
    });
    this.channel.write(this.user === undefined ? `${inner}\n` : becomeText(this.user, inner));
    try {
      await deadline.race(Promise.race([begun, this.finished.then(() => Promise.reject(this.notStarted()))]));
    } catch (error) {
      this.discard();
      if (this.pid === 0 && !deadline.signal.aborted) throw this.notStarted();
      throw error;
    }
    const mark = `${token}<\n${token}>\n`;
    if (this.settle) this.over = noteWork(this.label, () => this.abort(this.givenUp()));
    this.moved();
    return {
      stdin: this.stdin,
      stdout: this.stdout,
      done: forgiving(
        this.finished.then((code) => ({
          code,
          stderr: this.stderr.slice(this.stderr.indexOf(mark) + mark.length),
        })),
      ),
      abort: () => this.abort(this.givenUp()),
    };
  }

  private get label(): string {
    return this.sessions.link.label;
  }

  private get closed(): boolean {
    return this.settle === undefined || this.exit !== undefined;
  }

  private take(chunk: Buffer, begun: () => void): void {
    this.moved();
    if (!this.reader) {
      this.give(chunk);
      return;
    }
    const start = this.reader.push(chunk);
    if (!start) return;
    this.pid = start.number;
    const rest = this.reader.rest;
    this.reader = undefined;
    begun();
    if (rest.length > 0) this.give(rest);
  }

  private give(chunk: Buffer): void {
    if (!this.stdout.push(chunk)) this.channel.pause();
  }

  /** The end: the channel closed, or was given up and may never say so. */
  private finish(): void {
    const { settle } = this;
    if (!settle) return;
    this.settle = undefined;
    clearTimeout(this.idle);
    this.release();
    // What was given up is ended by an attempt of its own, which notes whether it was.
    this.over?.(this.failure !== undefined || this.exit !== undefined);
    const failure = this.failure ?? (this.exit === undefined ? this.ended() : undefined);
    if (failure) {
      this.stdout.destroy(failure);
      this.stdin.destroy(failure);
      settle.reject(failure);
    } else {
      this.stdout.push(null);
      this.stdin.destroy();
      settle.resolve(this.exit!);
    }
  }

  private moved(): void {
    if (!this.settle || this.idleMs === undefined) return;
    if (this.idle) this.idle.refresh();
    else this.idle = setTimeout(() => this.idled(), this.idleMs);
  }

  private idled(): void {
    // The script is over, but something that it left behind still holds its output: that is its end.
    if (this.exit !== undefined && !this.channel.isPaused()) this.discard();
    else this.abort(this.stalled());
  }

  private abort(failure: Error): void {
    if (!this.settle) return;
    this.failure = failure;
    void terminate(this.sessions, this.user, this);
    this.finish();
    // What was not read will not be: without this the channel waits for its reader before it closes.
    this.channel.removeAllListeners("data");
    this.channel.resume();
  }

  private stalled(): RemoteError {
    return new RemoteError(
      "timeout",
      this.label,
      `Nothing came from or went to \`${this.what}\` on ${this.label} for ${this.idleMs} ms; it was stopped. ` +
        `Check the host's load and its discs, then try again.`,
    );
  }

  private givenUp(): RemoteError {
    return new RemoteError("closed", this.label, `\`${this.what}\` on ${this.label} was given up.`);
  }

  private ended(): RemoteError {
    return interrupted(this.label, this.what);
  }

  private notStarted(): RemoteError {
    if (this.user === undefined || this.exit === undefined) return this.ended();
    return becomeFailure(this.label, this.sessions.link.endpoint.user, this.user, this.stderr);
  }
}

function signalNumber(signal: string | undefined): number | undefined {
  return Object.entries(constants.signals).find(([name]) => name === `SIG${signal}` || name === signal)?.[1];
}

/** A promise whose rejection may go unnoticed: the streams carry the same error. */
function forgiving<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
