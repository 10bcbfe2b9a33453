import type { ClientChannel } from "ssh2";
import { excerpt, RemoteError } from "../errors";
import { becomeFailure, becomeText } from "./become";
import { untilAborted } from "./deadline";
import { type Command, type Framed, FrameReader, frame, greeting, newToken } from "./framing";
import { interrupted, lostConnection } from "./loss";
import { type Sessions, SHELL } from "./sessions";

/** Most bytes that one command may print; more belongs in a stream. */
const OUTPUT_LIMIT = 256 * 1024 * 1024;

/** What a command printed and its exit code. */
export interface Output {
  code: number;
  stdout: Buffer;
  stderr: Buffer;
}

interface Pending {
  stdout: FrameReader;
  stderr: FrameReader;
  out?: Framed;
  err?: Framed;
  resolve(output: Output): void;
  reject(error: Error): void;
  lost(): Error;
}

/**
 * One `sh` that lives on one channel and runs one command after another. Our own: what runs commands over SSH opens a
 * channel for each, which costs two round trips and, where `MaxSessions` is 1, is refused.
 */
export class Shell {
  /** Its process id on the host. */
  pid = 0;
  private pending: Pending | undefined;
  private ended = false;
  private gone = false;
  private readonly whenGone: Array<() => void> = [];
  /** Whether the process was seen to end; a lost connection shows no such thing. */
  private exited = false;

  private constructor(
    private readonly channel: ClientChannel,
    private readonly sessions: Sessions,
  ) {
    channel.on("data", (chunk: Buffer) => this.take("stdout", chunk));
    channel.stderr.on("data", (chunk: Buffer) => this.take("stderr", chunk));
    channel.on("error", () => undefined);
    // Not "exit": a shell that ends at once has told that before anybody can listen.
    channel.once("close", (code?: number | null) => {
      this.exited = code !== undefined;
      this.finish();
    });
  }

  /**
   * Starts a shell, as another user when one is given.
   *
   * @param wait false: fail at once when the server allows no further session
   */
  static async open(sessions: Sessions, user: string | undefined, signal: AbortSignal, wait: boolean) {
    const { label, endpoint } = sessions.link;
    const shell = new Shell(await sessions.start(signal, wait), sessions);
    const token = newToken();
    const text = greeting(token);
    try {
      const start = user === undefined ? `${text}\n` : becomeText(user, `${text}; ${SHELL}`);
      const lost = (said: string) => {
        if (!shell.exited) return lostConnection(label);
        return user === undefined ? noShell(label, said) : becomeFailure(label, endpoint.user, user, said);
      };
      const { code } = await untilAborted(shell.exchange(token, start, lost), signal);
      shell.pid = code;
      return shell;
    } catch (error) {
      shell.discard();
      throw error;
    }
  }

  private get label(): string {
    return this.sessions.link.label;
  }

  /** Whether it can run no more commands. */
  get dead(): boolean {
    return this.ended;
  }

  /** Calls back when the shell is gone. */
  onEnd(callback: () => void): void {
    if (this.gone) callback();
    else this.whenGone.push(callback);
  }

  /** Runs one command to its end. The caller sees to it that there is only one at a time. */
  run(command: Command): Promise<Output> {
    const token = newToken();
    return this.exchange(token, frame(token, command), () => interrupted(this.label, command.what));
  }

  /** Lets the shell end by itself, as at the end of a script. */
  close(): void {
    this.ended = true;
    this.channel.end();
    const timer = setTimeout(() => this.discard(), 2000);
    timer.unref();
    this.channel.once("close", () => clearTimeout(timer));
  }

  /** Closes the channel, whatever runs on it. */
  discard(): void {
    this.sessions.abandon(this.channel);
    this.finish();
  }

  /** The end: the channel closed, or was given up and may never say so. */
  private finish(): void {
    this.ended = true;
    if (this.gone) return;
    this.gone = true;
    const { pending } = this;
    this.pending = undefined;
    pending?.reject(pending.lost());
    for (const callback of this.whenGone.splice(0)) callback();
  }

  private exchange(token: string, text: string, lost: (said: string) => Error): Promise<Output> {
    return new Promise((resolve, reject) => {
      const stdout = new FrameReader(token);
      const stderr = new FrameReader(token);
      const pending: Pending = {
        stdout,
        stderr,
        resolve,
        reject,
        lost: () => lost(`${stderr.unframed()} ${stdout.unframed()}`),
      };
      if (this.ended) return reject(pending.lost());
      this.pending = pending;
      this.channel.write(text);
    });
  }

  private take(stream: "stdout" | "stderr", chunk: Buffer): void {
    const { pending } = this;
    if (!pending) return;
    const done = pending[stream].push(chunk);
    if (pending.stdout.garbled) {
      this.pending = undefined;
      this.discard();
      pending.reject(terminal(this.label));
      return;
    }
    if (done) pending[stream === "stdout" ? "out" : "err"] = done;
    if (pending.stdout.size + pending.stderr.size > OUTPUT_LIMIT) {
      this.pending = undefined;
      this.discard();
      pending.reject(
        new RemoteError(
          "channel",
          this.label,
          `A script on ${this.label} printed more than 256 MiB; it was stopped.`,
        ),
      );
    } else if (pending.out && pending.err) {
      this.pending = undefined;
      pending.resolve({ code: pending.out.number, stdout: pending.out.body, stderr: pending.err.body });
    }
  }
}

const terminal = (label: string): RemoteError =>
  new RemoteError(
    "channel",
    label,
    `${label} accepted the login but gives a terminal to every command, though none was asked for: its sessions are recorded (script, tlog, sudo's log of output), or a ForceCommand makes one. ` +
      "A terminal changes what scripts print and cuts what they read, so nothing was run. " +
      "Have it record only logins that have a terminal (`test -t 0` before it), or exempt this user from it, or log in as another user (connection.user).",
  );

function noShell(label: string, said: string): RemoteError {
  return new RemoteError(
    "channel",
    label,
    `${label} accepted the login but started no \`sh\`${excerpt(said) ? `; it said: ${excerpt(said)}` : ""}. ` +
      `Check that the user has a login shell and that no ForceCommand keeps it from running commands.`,
  );
}
