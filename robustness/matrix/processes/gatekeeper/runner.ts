import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** An ordinary user's number: for an operation whose user has lost its rights. */
export const NOBODY = 65534;
/** One running `sh` whose outputs are kept until the operation's end is known. */
export class Runner {
  readonly child: ChildProcessWithoutNullStreams;
  private outputs = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  private ended: (() => void) | undefined;
  private closing = "";
  private streaming = false;
  private pass: ((chunk: Buffer) => void) | undefined;
  readonly exited: Promise<number>;

  constructor(args: string[], uid?: number) {
    this.child = spawn("sh", args, uid === undefined ? {} : { uid, gid: uid, cwd: "/" });
    this.child.stdin.on("error", () => undefined);
    for (const name of ["stdout", "stderr"] as const)
      this.child[name].on("data", (chunk: Buffer) => {
        if (this.streaming && name === "stdout" && this.pass) this.pass(chunk);
        else if (this.streaming) process[name].write(chunk);
        else this.outputs[name] = Buffer.concat([this.outputs[name], chunk]);
        this.look();
      });
    this.exited = new Promise((resolve) => {
      const over = (code: number | null) => {
        this.ended?.();
        resolve(code ?? 255);
      };
      this.child.once("close", over);
      // Background processes may keep the pipes: what they print later belongs to nobody.
      this.child.once("exit", (code) => setTimeout(() => over(code), 300));
    });
  }

  /** Runs a unit's text; settles when both closing marks are there, or the shell ended. */
  run(text: string, closing: string): Promise<void> {
    this.closing = closing;
    return new Promise((resolve) => {
      this.ended = resolve;
      this.child.stdin.write(text, "latin1");
      this.look();
    });
  }

  /** From now on bytes pass as they come, or as `pass` lets them out. */
  stream(pass?: (chunk: Buffer) => void): void {
    this.streaming = true;
    this.pass = pass;
    this.flush();
  }

  private look(): void {
    if (this.closing === "") return;
    const { stdout, stderr } = this.outputs;
    const at = stdout.indexOf(this.closing);
    if (at < 0 || stdout.indexOf("\n", at) < 0 || stderr.indexOf(this.closing) < 0) return;
    this.closing = "";
    this.ended?.();
  }

  text(): string {
    return this.outputs.stdout.toString("latin1");
  }

  flush(): void {
    const { stdout, stderr } = this.outputs;
    this.outputs = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
    if (stdout.length > 0) process.stdout.write(stdout);
    if (stderr.length > 0) process.stderr.write(stderr);
  }

  forget(): void {
    this.outputs = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  }
}

/** Leaves when everything is written; the exit code is the session's. */
export function leave(code: number): void {
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}
