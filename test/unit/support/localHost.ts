import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { machineClock } from "../../../remote/clock";
import type { Conversation, Host, RemoteProcess, RunOptions, RunResult } from "../../../remote/host";
import { call, type Script, type Values } from "../../../remote/script";
import { Talk } from "../../../remote/ssh/conversation";

/** A host that is this machine: scripts run by a real shell as the user of the tests, files are real. */
export class LocalHost implements Host {
  readonly label = "local";
  readonly clock = machineClock;
  /** How many scripts were started. */
  calls = 0;

  /**
   * @param shell the program that runs the scripts
   * @param environment variables on top of those of the tests
   */
  constructor(
    private readonly shell = "sh",
    private readonly environment: Record<string, string> = {},
  ) {}

  async run(script: Script, values: Values = {}, options: RunOptions = {}): Promise<RunResult> {
    const child = this.start(script, values);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.stdin ?? "");
    const milliseconds = options.timeoutMs ?? 15_000;
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      killGroup(child);
    }, milliseconds);
    const { code, signal } = await ended(child);
    clearTimeout(limit);
    if (late)
      throw new Error(`${this.label}: the script and its output did not end within ${milliseconds} ms`);
    if (signal) throw new Error(`${this.label}: the shell ended by ${signal}`);
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString(options.encoding ?? "utf8");
    return { code: code ?? -1, stdout: text(out), stderr: text(err) };
  }

  async spawn(script: Script, values: Values = {}): Promise<RemoteProcess> {
    const child = this.start(script, values);
    const err: Buffer[] = [];
    child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
    const done = ended(child).then(({ code }) => ({
      code: code ?? -1,
      stderr: Buffer.concat(err).toString(),
    }));
    return { stdin: child.stdin, stdout: child.stdout, done, abort: () => killGroup(child) };
  }

  async converse(script: Script, values: Values = {}): Promise<Conversation> {
    const started = await this.spawn(script, values);
    const { what } = call(script, values);
    return new Talk(started, { label: this.label, what, hold: () => () => undefined, busy: () => undefined });
  }

  dial(): Promise<Duplex> {
    return Promise.reject(new Error("a local host forwards no connection"));
  }

  /** In a process group of its own, so that it can be ended with all it started. */
  private start(script: Script, values: Values): ChildProcessWithoutNullStreams {
    this.calls += 1;
    const called = call(script, values);
    return spawn(this.shell, ["-c", called.script, "sh", ...called.args], {
      detached: true,
      env: { ...process.env, ...this.environment },
    });
  }
}

function ended(child: ChildProcessWithoutNullStreams) {
  return new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

function killGroup(child: ChildProcessWithoutNullStreams): void {
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

/** Thrown in place of an answer: the connection was lost. */
class Lost extends Error {}

/**
 * A host whose connection is lost at one of its scripts, and at every one after it.
 *
 * @param at number of the script, counted from 1
 * @param when `before` the script started, or `after` it ended, its answer lost
 */
export function losing(host: LocalHost, at: number, when: "before" | "after"): Host {
  let calls = 0;
  const lost = () => Promise.reject(new Lost(`the connection was lost at script ${at}`));
  return {
    label: host.label,
    clock: host.clock,
    async run(...all) {
      calls += 1;
      if (calls < at) return host.run(...all);
      if (calls === at && when === "after") await host.run(...all);
      return lost();
    },
    spawn: (script, args) => (calls < at ? host.spawn(script, args) : lost()),
    converse: (script, args) => (calls < at ? host.converse(script, args) : lost()),
    dial: () => lost(),
  };
}
