import { type ChildProcess, spawn } from "node:child_process";

/** How a local command is run. */
export interface CommandOptions {
  cwd?: string;
  /** Whole environment of the command. Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the command and all it started are killed. */
  timeoutMs: number;
  /** Called with each line of stdout and stderr as it comes. */
  onLine?: (line: string) => void;
}

/** What a finished command left behind. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

const FATAL_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a local command to its end, in a process group of its own, with an empty stdin. A non-zero code is a result. Our own
 * since execa, an ES module, ends no group.
 * @throws when the command cannot be started (`ENOENT`: not on the PATH) or its time runs out.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const release = endWithThisProcess(child);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child);
  }, options.timeoutMs);
  try {
    const output = {
      stdout: collect(child.stdout, options.onLine),
      stderr: collect(child.stderr, options.onLine),
    };
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit) => resolve(exit ?? -1));
    });
    if (late)
      throw new Error(`${command} ${args[0] ?? ""} gave no result within ${options.timeoutMs / 1000} s`);
    return { code, stdout: output.stdout(), stderr: output.stderr() };
  } finally {
    clearTimeout(timer);
    release();
  }
}

/** The last line that says something: where tools put their reason. */
export function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.at(-1)?.trim() ?? "no output";
}

function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let text = "";
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk;
    if (!onLine) return;
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  return () => text;
}

// A group of its own lets a timeout reach the grandchildren, but also hides the terminal's Ctrl-C from the command.
function endWithThisProcess(child: ChildProcess): () => void {
  const handlers = FATAL_SIGNALS.map((signal) => {
    const handler = () => {
      killGroup(child);
      release();
      process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  const onExit = () => killGroup(child);
  process.on("exit", onExit);
  const release = () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
    process.off("exit", onExit);
  };
  return release;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}
