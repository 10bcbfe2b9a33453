import type { Duplex, Readable, Writable } from "node:stream";
import type { Clock } from "./clock";
import type { Script, Values } from "./script";

/** How one script is run on a host. */
export interface RunOptions {
  /** Bytes for the script's standard input; without it the input is empty. */
  stdin?: string | Buffer;
  /** Milliseconds until the script is given up and an error names it. Default 30,000. */
  timeoutMs?: number;
  /** User to run as when that is not the login user (`sudo -n`, or `su` for root). */
  as?: string;
  /** How output bytes become text. Default `utf8`; Erlang's text dumps are `latin1`. */
  encoding?: "utf8" | "latin1";
  /** Also run while this process leaves its hosts (`leaveHosts`): what keeps or gives back a lock. Default false. */
  atTheEnd?: boolean;
}

/** What a script that ran to its end left behind; a non-zero code is a result, not an error. */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** A remote process whose bytes are streamed: for file contents, which may be large. */
export interface RemoteProcess {
  stdin: Writable;
  stdout: Readable;
  /** Settles when the process ended and its output was read. */
  done: Promise<{ code: number; stderr: string }>;
  /** Gives up: closes the channel. */
  abort(): void;
}

/** A process on a host that answers questions, a line each, many at once. It ends with the connection. */
export interface Conversation {
  /** Calls back when it ended: it answers no more. */
  onEnd(callback: () => void): void;
  /** Says a line that nothing answers. */
  tell(line: string): void;
  /** Puts a question. Throws when the process ends before it answers, or gives no answer in time: then it is ended. */
  ask(words: string, timeoutMs: number): Promise<string>;
  close(): void;
}

/**
 * A machine that scripts run on. `ssh/` implements it.
 *
 * Scripts are constant; values travel by name, as arguments, and are never parsed as shell code.
 */
export interface Host {
  /** For messages: `leofs@10.0.0.11:22`. */
  readonly label: string;
  /** The time by which whoever works on it waits, and notes what was done. Not the host's own. */
  readonly clock: Clock;
  /** What an operator should know of its server although it works. */
  readonly remark?: string | undefined;
  /** Runs a script to its end. Throws when the host cannot be reached or time runs out. */
  run(script: Script, values?: Values, options?: RunOptions): Promise<RunResult>;
  /** Starts a script whose input and output are streams. */
  spawn(script: Script, values?: Values, options?: RunOptions): Promise<RemoteProcess>;
  /**
   * Starts a script that answers questions until its input ends. It does not keep the program alive, and its session
   * is closed when another needs it and nothing is asked.
   */
  converse(script: Script, values?: Values, options?: RunOptions): Promise<Conversation>;
  /** A TCP connection made by the host itself (SSH forwarding). Throws where forwarding is off. */
  dial(address: string, port: number, timeoutMs?: number): Promise<Duplex>;
}

/** Errors of the way to a host say by their `kind` what went wrong; this file does not know their class. */
export const hasKind = (error: unknown, kind: string): boolean =>
  error instanceof Error && "kind" in error && error.kind === kind;
