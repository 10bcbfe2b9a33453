/**
 * Stands in front of the shell of every SSH session on a sandbox host (sshd's ForceCommand). It cuts what comes
 * in into operations, asks the gate before each one is run and before its reply goes out, and does what the
 * gate says; a stalled operation is one whose question is not answered. Without a gate everything passes. It knows the framing of long-lived shells from outside: one text
 * that marks its beginning and its end with a word of its own.
 *
 * Arguments: the gate's socket, the host's name. A program of its own, so it imports nothing of the project.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";

/** `deny`: run as an ordinary user. `drop`: nobody is there any more; run nothing, or lose the reply. */
type Verdict = "run" | "deny" | "drop";
type Kind = "open" | "script" | "stream" | "command";

/** A line of a stream that is an operation of its own. */
type Told = { kind: "question" | "order"; script: string; args: string[]; id?: string };

/** An ordinary user's number: for an operation whose user has lost its rights. */
const NOBODY = 65534;
/** What of a reply, or an input, the gate is told at most: enough to see what a load said. */
const EXCERPT = 8192;

const [, , gatePath = "", host = ""] = process.argv;
const command = process.env.SSH_ORIGINAL_COMMAND ?? "sh";

/** The sshd process that serves this connection: the nearest one above. */
function connectionPid(): number {
  for (let pid = process.ppid; pid > 1; ) {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    if (/\((sshd|sshd-session)\)/.test(stat)) return pid;
    pid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  }
  return 0;
}

/** Questions to the gate, answered one by one. */
class Gate {
  private readonly waiting: ((verdict: Verdict) => void)[] = [];
  private rest = "";

  private constructor(private readonly socket: Socket | undefined) {
    socket?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.rest + text).split("\n");
      this.rest = lines.pop() ?? "";
      for (const line of lines) this.waiting.shift()?.(line as Verdict);
    });
    // A gate that went away has nothing to say any more.
    socket?.once("close", () => {
      for (const answer of this.waiting.splice(0)) answer("run");
    });
  }

  static open(): Promise<Gate> {
    return new Promise((resolve) => {
      const socket = createConnection(gatePath);
      socket.once("connect", () => resolve(new Gate(socket)));
      socket.on("error", () => resolve(new Gate(undefined)));
    });
  }

  ask(question: Record<string, unknown>): Promise<Verdict> {
    const { socket } = this;
    if (!socket || socket.destroyed) return Promise.resolve("run");
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      socket.write(`${JSON.stringify({ host, pid: process.pid, connection, ...question })}\n`);
    });
  }

  close(): void {
    this.socket?.destroy();
  }
}

const connection = connectionPid();

/** The words of shell text up to the first newline outside quotes, and where that newline is; undefined: not there yet. */
function wordsOf(text: string, from: number): { words: string[]; end: number } | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === "'") {
      const close = text.indexOf("'", at + 1);
      if (close < 0) return undefined;
      word = (word ?? "") + text.slice(at + 1, close);
      at = close;
    } else if (char === "\\") {
      word = (word ?? "") + (text[at + 1] ?? "");
      at += 1;
    } else if (char === " " || char === "\n") {
      if (word !== undefined) words.push(word);
      word = undefined;
      if (char === "\n") return { words, end: at };
    } else word = (word ?? "") + char;
  }
  return undefined;
}

interface Unit {
  kind: Kind;
  text: string;
  script: string;
  args: string[];
  /** What the script reads, as shell text. */
  input: string;
  token: string;
}

/** Takes the next whole operation from the front of what came in; undefined: more must come. */
function nextUnit(text: string): Unit | undefined {
  const opening = /^printf '%s\\n(?:%s%d\\n)?' '([0-9a-f]{32})<'/.exec(text);
  if (!opening) return undefined;
  const token = opening[1]!;
  if (text.startsWith("printf '%s\\n%s%d\\n'")) {
    const line = wordsOf(text, 0);
    if (!line) return undefined;
    const whole = text.slice(0, line.end + 1);
    const exec = whole.indexOf("; exec sh -c ");
    if (exec < 0) return { kind: "open", text: whole, script: "", args: [], input: "", token };
    const { words } = wordsOf(`${whole.slice(exec + "; exec sh -c ".length)}\n`, 0)!;
    return { kind: "stream", text: whole, script: words[0] ?? "", args: words.slice(2), input: "", token };
  }
  const mark = `printf '%s\\n' '${token}>' >&2\n`;
  const end = text.indexOf(mark);
  if (end < 0) return undefined;
  const whole = text.slice(0, end + mark.length);
  const set = whole.indexOf("(set -- ");
  const args = wordsOf(whole, set + "(set -- ".length)!;
  const script = wordsOf(whole, args.end + 1 + "eval ".length)!;
  const input = whole.slice(whole.indexOf(">&2\n") + ">&2\n".length, set).slice(0, EXCERPT);
  return { kind: "script", text: whole, script: script.words[0] ?? "", args: args.words, input, token };
}

/** One running `sh` whose outputs are kept until the operation's end is known. */
class Runner {
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

/**
 * A stream whose lines are operations: of a VM that asks nodes each question, whose answer is held until the gate let it
 * out; of the temporary VM of a replica each order. Everything else passes as it comes.
 */
class Lines {
  private readonly asked = new Map<string, { gate: Gate; told: Told }>();
  /** Orders whose effect has not been said yet. */
  private orders: { gate: Gate; told: Told }[] = [];
  private readonly into: Cut;
  private readonly outOf: Cut;
  private count = 0;

  constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly name: string,
  ) {
    this.into = new Cut((line) => void this.tell(line));
    this.outOf = new Cut((line) => void this.answer(line));
  }

  input(chunk: Buffer): void {
    this.into.take(chunk);
  }

  output(chunk: Buffer): void {
    if (this.name === "asker") this.outOf.take(chunk);
    else {
      this.carriedOut();
      process.stdout.write(chunk);
    }
  }

  private carriedOut(): void {
    for (const { gate, told } of this.orders.splice(0))
      void gate.ask({ at: "after", ...told, said: "" }).then(() => gate.close());
  }

  /** What is left of the output when the process ended. */
  end(): void {
    this.carriedOut();
    process.stdout.write(this.outOf.rest(), "latin1");
  }

  private async tell(line: string): Promise<void> {
    this.count += 1;
    const told = this.count > 2 ? this.told(line) : undefined;
    if (told) {
      const gate = await Gate.open();
      if ((await gate.ask({ at: "before", ...told })) === "drop") return leave(255);
      if (told.id) this.asked.set(told.id, { gate, told });
      else this.orders.push({ gate, told });
    }
    this.child.stdin.write(line, "latin1");
  }

  private told(line: string): Told | undefined {
    if (this.name !== "asker") return { kind: "order", script: line.trim(), args: [] };
    const [id, , node, values, text] = line.trim().split(" ");
    if (!id || !text) return undefined;
    const plain = (word = "") => Buffer.from(word, "base64").toString("latin1");
    return { kind: "question", script: plain(text), args: [plain(node), plain(values)], id };
  }

  private async answer(line: string): Promise<void> {
    const id = /^=(\S+) /.exec(line)?.[1];
    const question = id && this.asked.get(id);
    if (question) {
      this.asked.delete(id);
      const verdict = await question.gate.ask({ at: "after", ...question.told, said: "" });
      question.gate.close();
      if (verdict === "drop") return leave(255);
    }
    process.stdout.write(line, "latin1");
  }
}

/** Cuts a stream of bytes into lines, each with its end. */
class Cut {
  private parts: string[] = [];

  constructor(private readonly found: (line: string) => void) {}

  take(chunk: Buffer): void {
    const [first, ...more] = chunk.toString("latin1").split(/(?<=\n)/);
    for (const part of [first ?? "", ...more]) {
      this.parts.push(part);
      if (!part.endsWith("\n")) continue;
      const line = this.parts.join("");
      this.parts = [];
      this.found(line);
    }
  }

  /** What came after the last line. */
  rest(): string {
    return this.parts.join("");
  }
}

/** Leaves when everything is written; the exit code is the session's. */
function leave(code: number): void {
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}

async function serveShell(gate: Gate): Promise<void> {
  // With its name, by which a later run sees that a script still runs.
  const shell = new Runner(command.split(" ").slice(command.startsWith("exec ") ? 2 : 1));
  let text = "";
  let busy = false;
  let closed = false;
  let streaming: Runner | undefined;
  let lines: Lines | undefined;
  void shell.exited.then((code) => {
    if (streaming) return;
    shell.flush();
    leave(code);
  });
  const work = async () => {
    if (busy) return;
    busy = true;
    for (;;) {
      const unit = nextUnit(text);
      if (!unit) break;
      text = text.slice(unit.text.length);
      const { kind, script, args, input, token } = unit;
      const verdict = await gate.ask({ at: "before", kind, script, args, input });
      if (verdict === "drop") return leave(255);
      const runner = verdict === "deny" ? new Runner([], NOBODY) : shell;
      if (kind === "stream") {
        streaming = runner;
        const name = /^# (asker|replica vm)\n/.exec(script)?.[1];
        lines = name ? new Lines(runner.child, name) : undefined;
        runner.stream(lines && ((chunk) => lines?.output(chunk)));
        runner.child.stdin.write(lines ? unit.text : unit.text + text, "latin1");
        lines?.input(Buffer.from(text, "latin1"));
        if (closed) runner.child.stdin.end();
        const code = await runner.exited;
        lines?.end();
        await gate.ask({ at: "after", kind, script, args, said: "", code });
        return leave(code);
      }
      await runner.run(unit.text, `${token}>`);
      const said = runner.text().slice(0, EXCERPT);
      if ((await gate.ask({ at: "after", kind, script, args, said })) === "drop") runner.forget();
      else runner.flush();
      if (runner !== shell) runner.child.stdin.end();
    }
    busy = false;
    if (closed) shell.child.stdin.end();
  };
  process.stdin.on("data", (chunk: Buffer) => {
    if (lines) return lines.input(chunk);
    if (streaming) {
      if (!streaming.child.stdin.write(chunk)) {
        process.stdin.pause();
        streaming.child.stdin.once("drain", () => process.stdin.resume());
      }
      return;
    }
    text += chunk.toString("latin1");
    void work();
  });
  process.stdin.once("end", () => {
    closed = true;
    if (streaming) streaming.child.stdin.end();
    else if (!busy) shell.child.stdin.end();
  });
}

/** A command in a session of its own; `text`: what a plain shell was given to read, when that is the command. */
async function serveCommand(gate: Gate, text?: string): Promise<void> {
  const { words } = wordsOf(`${text ?? command}\n`, 0) ?? { words: [] };
  const [first, ...rest] = words[0] === "exec" ? words.slice(1) : words;
  const [script = text ?? command, args] = first === "sh" ? [rest[1], rest.slice(3)] : [undefined, []];
  const question = { kind: "command", script, args };
  const verdict = await gate.ask({ at: "before", ...question });
  if (verdict === "drop") return leave(255);
  const runner = new Runner(["-c", command], verdict === "deny" ? NOBODY : undefined);
  if (text === undefined) process.stdin.pipe(runner.child.stdin);
  else runner.child.stdin.end(text, "latin1");
  const code = await runner.exited;
  const said = runner.text().slice(0, EXCERPT);
  if ((await gate.ask({ at: "after", ...question, said, code })) !== "drop") runner.flush();
  leave(code);
}

// What was begun on a host goes on when its connection is lost, as under sshd alone.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);
process.on("SIGHUP", () => undefined);
void Gate.open().then(async (gate) => {
  if (/^(exec )?sh -s \S+$/.test(command)) return serveShell(gate);
  // A service step, and the try of its login: a plain shell, which reads all there is.
  return serveCommand(gate, /^(exec )?sh$/.test(command) ? await everything() : undefined);
});

async function everything(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}
