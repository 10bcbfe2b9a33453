import type { Duplex } from "node:stream";
import { machineClock } from "../clock";
import { RemoteError } from "../errors";
import type { Conversation, Host, RemoteProcess, RunOptions, RunResult } from "../host";
import { type Call, call, type Script, type Values } from "../script";
import { timed } from "../timeline";
import { noteWork, refuseWhenLeaving } from "../work";
import { requireUserName } from "./become";
import { Talk } from "./conversation";
import { Deadline } from "./deadline";
import type { Command } from "./framing";
import type { Link } from "./link";
import { startProcess } from "./process";
import { Sessions } from "./sessions";
import { Shells } from "./shells";

const DEFAULT_MS = 30_000;
/** Longer input goes over a channel of its own: in a shell's command text every byte can take four. */
const INLINE_STDIN = 256 * 1024;

/**
 * A host over SSH: one connection, shared by everything in this process.
 *
 * `run` uses a long-lived shell of the user asked for; commands queue, and a second and third shell open
 * only while earlier commands take long. A script that leaves a background process must redirect its
 * output, or what that prints can end up in a later command's.
 *
 * `spawn`'s `timeoutMs` limits the start, and then each spell in which no byte moves.
 */
export class SshHost implements Host {
  readonly label: string;
  readonly clock = machineClock;
  private readonly sessions: Sessions;
  private readonly shells = new Map<string | undefined, Shells>();

  constructor(private readonly link: Link) {
    this.label = link.label;
    this.sessions = new Sessions(link);
  }

  async run(script: Script, values: Values = {}, options: RunOptions = {}): Promise<RunResult> {
    const user = this.otherUser(options);
    const { timeoutMs = DEFAULT_MS, encoding = "utf8", stdin } = options;
    if (stdin !== undefined && Buffer.byteLength(stdin) > INLINE_STDIN)
      return runByStreams(await this.spawn(script, values, options), encoding);
    const called = call(script, values);
    const command: Command = { ...called, ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin) }) };
    let begun = false;
    let over: ((seen: boolean) => void) | undefined;
    const mayBegin = () => {
      if (!options.atTheEnd) refuseWhenLeaving(this.label);
    };
    mayBegin();
    const deadline = new Deadline(timeoutMs, () => this.timeout(called.what, timeoutMs, begun));
    const release = this.link.hold();
    try {
      const output = await timed(this.label, called.what, () =>
        this.shellsOf(user).run(command, deadline, () => {
          mayBegin();
          begun = true;
          if (!options.atTheEnd) over = noteWork(this.label);
        }),
      );
      return {
        code: output.code,
        stdout: output.stdout.toString(encoding),
        stderr: output.stderr.toString(encoding),
      };
    } catch (error) {
      // A time-out is followed by an attempt to end the script, which is noted by itself.
      if (!deadline.signal.aborted) over?.(false);
      throw error;
    } finally {
      deadline.clear();
      release();
      over?.(true);
    }
  }

  async spawn(script: Script, values: Values = {}, options: RunOptions = {}): Promise<RemoteProcess> {
    const { timeoutMs = DEFAULT_MS, stdin } = options;
    refuseWhenLeaving(this.label);
    const started = await this.start(call(script, values), options, timeoutMs);
    if (stdin !== undefined) started.stdin.end(stdin);
    return started;
  }

  async converse(script: Script, values: Values = {}, options: RunOptions = {}): Promise<Conversation> {
    const called = call(script, values);
    const started = await this.start(called, options, undefined);
    // In use until its first question is answered: where a server allows one session, it would be closed before that.
    const talk: Talk = new Talk(started, {
      label: this.label,
      what: called.what,
      hold: () => this.link.hold(),
      busy: (inUse) => (inUse ? this.sessions.markBusy(talk) : this.sessions.markIdle(talk)),
    });
    return talk;
  }

  async dial(address: string, port: number, timeoutMs = DEFAULT_MS): Promise<Duplex> {
    const what = `dial ${address}:${port}`;
    const deadline = new Deadline(timeoutMs, () => this.timeout(what, timeoutMs, false));
    const release = this.link.hold();
    try {
      const stream = await this.link.forward(address, port, deadline.signal);
      stream.once("close", release);
      return stream;
    } catch (error) {
      release();
      throw error;
    } finally {
      deadline.clear();
    }
  }

  /** What an operator should know of its server although it works; undefined when there is nothing. */
  get remark(): string | undefined {
    return this.link.remark;
  }

  /** Whether a login stands now. */
  get connected(): boolean {
    return this.link.connected;
  }

  /** Ends the connection. The host stays usable: the next use connects again. */
  close(): void {
    this.link.close();
  }

  /** Ends the connection unless something uses it now. */
  closeUnused(): void {
    if (!this.link.held) this.link.close();
  }

  /** @param idleMs most time without a byte either way; undefined: no limit */
  private async start(called: Call, options: RunOptions, idleMs: number | undefined): Promise<RemoteProcess> {
    const { timeoutMs = DEFAULT_MS } = options;
    const user = this.otherUser(options);
    const starting = new Deadline(timeoutMs, () => this.timeout(called.what, timeoutMs, false));
    try {
      return await startProcess(this.sessions, user, called, starting, idleMs);
    } finally {
      starting.clear();
    }
  }

  private otherUser({ as }: RunOptions): string | undefined {
    if (as === undefined || as === this.link.endpoint.user) return undefined;
    requireUserName(as);
    return as;
  }

  private shellsOf(user: string | undefined): Shells {
    let shells = this.shells.get(user);
    if (!shells) {
      shells = new Shells(this.sessions, user);
      this.shells.set(user, shells);
    }
    return shells;
  }

  private timeout(what: string, milliseconds: number, begun: boolean): RemoteError {
    if (begun)
      return new RemoteError(
        "timeout",
        this.label,
        `\`${what}\` on ${this.label} did not end within ${milliseconds} ms. It was told to stop, ` +
          `but may have done part of its work: look before it is repeated.`,
      );
    if (this.link.connected)
      return new RemoteError(
        "timeout",
        this.label,
        `${this.label} is connected, but \`${what}\` did not get its turn within ${milliseconds} ms; it was not run. ` +
          `Earlier commands take long there, or the server allows too few sessions (MaxSessions).`,
      );
    return new RemoteError(
      "unreachable",
      this.label,
      `${this.label} could not be reached within ${milliseconds} ms${this.link.lastProblem ? `: ${this.link.lastProblem}` : ""}. ` +
        `Check that the host is up, that sshd listens there and that no firewall is in between; then try again.`,
    );
  }
}

async function runByStreams(started: RemoteProcess, encoding: BufferEncoding): Promise<RunResult> {
  const chunks: Buffer[] = [];
  for await (const chunk of started.stdout) chunks.push(chunk as Buffer);
  const { code, stderr } = await started.done;
  return { code, stdout: Buffer.concat(chunks).toString(encoding), stderr };
}
