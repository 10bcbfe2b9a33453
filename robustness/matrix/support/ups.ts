import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RecoveryOutcome } from "../../../recovery";
import { packageRoot } from "../../../tools/paths";
import type { Fault } from "./faults";
import { CLUSTER } from "./scenarios";

/** What one `up` came to. */
export interface UpResult {
  succeeded: boolean;
  /** Killed from outside: by the fault, or after the limit as an operator would. */
  killed: "no" | "by the fault" | "by the operator";
  errors: string[];
  /** What happened to each resource, by its name. */
  operations: Record<string, string>;
  outcome: RecoveryOutcome | undefined;
  seconds: number;
}

/** One `up` that is under way. */
export interface RunningUp {
  /** Ends the process that runs the providers with SIGKILL, or does to the engine what the fault says. */
  kill(why: "by the fault" | "by the operator", fault?: Fault): Promise<void>;
  result: Promise<UpResult>;
}

/** A stack: where its state lives between one `up` and the next. */
export interface FaultStack {
  up(): Promise<RunningUp>;
  /** Forgets the state. */
  reset(): Promise<void>;
  /** Ends an `up` that runs, and removes what the stack made elsewhere. No further one begins. */
  end(): Promise<void>;
}

/**
 * A stack that is run without the Pulumi engine, by `processes/upWithoutEngine.ts`.
 *
 * @param directory of its own; made
 */
export async function stackWithoutEngine(
  program: string,
  directory: string,
  clusters: Record<string, unknown>,
): Promise<FaultStack> {
  const modules = join(directory, "node_modules");
  await mkdir(modules, { recursive: true });
  if (!existsSync(join(modules, "leofs-recovery")))
    await symlink(packageRoot(), join(modules, "leofs-recovery"));
  const [state, result, job] = ["state.json", "result.json", "job.json"].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  await writeFile(job, JSON.stringify({ dist: join(packageRoot(), "dist"), clusters, state, result }));
  let running: RunningUp | undefined;
  let ended = false;
  return {
    reset: () => rm(state, { force: true }),
    async end() {
      ended = true;
      await running?.kill("by the operator");
    },
    async up() {
      if (ended) throw new Error("this stack was ended");
      await rm(result, { force: true });
      const began = performance.now();
      const env = { PATH: process.env.PATH, HOME: directory, SSH_AUTH_SOCK: "" };
      // A process group of its own: Ctrl-C is for the matrix, which ends its runs itself.
      const child = spawn(process.execPath, [program, job], { cwd: directory, env, detached: true });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => {
          said += chunk.toString();
        });
      let killed: UpResult["killed"] = "no";
      const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
      running = {
        async kill(why) {
          if (child.exitCode !== null || killed !== "no") return;
          killed = why;
          child.kill("SIGKILL");
          await closed;
        },
        result: closed.then(async () => {
          const seconds = (performance.now() - began) / 1000;
          const text = existsSync(result) ? await readFile(result, "utf8") : "{}";
          const { errors = [`ended without a result: ${said}`], operations = {}, outcome } = JSON.parse(text);
          const failed = killed !== "no" || errors.length > 0;
          return {
            succeeded: !failed,
            killed,
            errors: killed === "no" ? errors : [],
            operations,
            outcome: outcome?.[CLUSTER],
            seconds,
          };
        }),
      };
      return running;
    },
  };
}
