import { type ChildProcess, fork } from "node:child_process";
import { packageRoot } from "../../../tools/paths";

/** What a function of the other process came to. */
interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** Functions that another process may ask for, by name. */
export type Served = Record<string, (...args: never[]) => unknown>;

/**
 * Makes this process answer what the process that started it asks; it ends with that one. To be called by the file
 * that `OtherProcess.start` is given.
 */
export function serve(functions: Served): void {
  const answer = async (name: string, args: never[]): Promise<Omit<Answer, "id">> => {
    try {
      return { value: await functions[name]!(...args) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };
  process.on("message", async ({ id, name, args }: { id: number; name: string; args: never[] }) =>
    process.send!({ id, ...(await answer(name, args)) }),
  );
  process.on("disconnect", () => process.exit());
}

/** A file of the tests running in a process of its own: what two operators do then really meets on the hosts only. */
export class OtherProcess {
  private asked = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();

  private constructor(private readonly child: ChildProcess) {
    child.on("message", (answer: Answer) => {
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
    child.on("exit", () => {
      for (const [id, settle] of this.waiting) settle({ id, error: `process ${this.pid} ended` });
      this.waiting.clear();
    });
  }

  /** @param file a TypeScript file that calls `serve` */
  static start(file: string): OtherProcess {
    const execArgv = ["-r", require.resolve("ts-node/register/transpile-only")];
    return new OtherProcess(fork(file, { cwd: packageRoot(), execArgv }));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Calls one of the other's functions. Throws with its message when that throws, or when the process ends. */
  async ask<T>(name: string, ...args: unknown[]): Promise<T> {
    this.asked += 1;
    const id = this.asked;
    const { value, error } = await new Promise<Answer>((resolve) => {
      this.waiting.set(id, resolve);
      if (!this.child.connected) resolve({ id, error: `process ${this.pid} has ended` });
      else this.child.send({ id, name, args });
    });
    if (error !== undefined) throw new Error(error);
    return value as T;
  }

  /** Ends it at once (`SIGKILL`), and returns when it is gone. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await gone;
  }
}
