import { spawn } from "node:child_process";

/** What a local command left behind. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** How a local command is run. */
export interface CommandOptions {
  stdin?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Milliseconds, default 60,000; then the command is killed and an error names it. */
  timeoutMs?: number;
}

/**
 * Runs a command to its end; a non-zero exit code is a result. Does not wait for what the command left running in
 * the background, as execa does: its output is read until the command itself ends.
 */
export function command(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: "pipe" });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const limit = options.timeoutMs ?? 60_000;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limit);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new Error(`${program} could not be run: ${error.message}`));
    });
    const settle = (code: number | null) => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      if (late) reject(new Error(`${program} ${args.join(" ")} did not end within ${limit} ms`));
      else resolve({ code: code ?? 255, stdout, stderr });
    };
    // Daemons may inherit the pipes and keep them open: "close" would then never come.
    let done = false;
    child.once("exit", (code) => setTimeout(() => !done && settle(code), 200));
    child.once("close", (code) => {
      done = true;
      settle(code);
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.stdin ?? "");
  });
}

/** The same, where a non-zero exit code is an error that carries the output. Returns the standard output. */
export async function succeed(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const outcome = await command(program, args, options);
  if (outcome.code !== 0) {
    const output = `${outcome.stdout}${outcome.stderr}`.trim();
    throw new Error(`${program} ${args.join(" ")} failed with exit code ${outcome.code}: ${output}`);
  }
  return outcome.stdout;
}

/** Asks until the answer is defined, every 50 ms. Throws with `what` when the limit (milliseconds) is over. */
export async function eventually<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
