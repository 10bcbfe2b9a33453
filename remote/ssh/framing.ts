import { randomBytes } from "node:crypto";
import { printfFormat, quote } from "../quote";
import type { Call } from "../script";

/** A word that no output holds by chance, new for every command. */
export function newToken(): string {
  return randomBytes(16).toString("hex");
}

/** One script, its values and its input, to be run by a long-lived `sh`. */
export interface Command extends Call {
  stdin?: Buffer;
}

/**
 * The text that has a long-lived `sh` run a command in a subshell and mark where both of its outputs begin
 * and end. `eval` keeps a syntax error from ending the shell itself.
 */
export function frame(token: string, { script, args, stdin }: Omit<Command, "what">): string {
  const body = `(set -- ${args.map(quote).join(" ")}\neval ${quote(script)}\n)`;
  const fed = stdin?.length ? `printf ${printfFormat(stdin)} | ${body}` : `${body} </dev/null`;
  return [
    `printf '%s\\n' '${token}<'; printf '%s\\n' '${token}<' >&2`,
    fed,
    `printf '%s%d\\n' '${token}>' "$?"; printf '%s\\n' '${token}>' >&2`,
    "",
  ].join("\n");
}

/** Text with which a fresh `sh` reports its process id, framed like the output of a command. */
export function greeting(token: string): string {
  return `printf '%s\\n%s%d\\n' '${token}<' '${token}>' "$$"; printf '%s\\n%s\\n' '${token}<' '${token}>' >&2`;
}

/** What stood between the marks of one stream, and the number on the closing mark. */
export interface Framed {
  body: Buffer;
  number: number;
}

/**
 * Finds the marks in one stream of a long-lived shell. What comes before the opening mark (a shell that
 * prints on start, a left-over background process) is kept apart; in between every byte counts.
 */
export class FrameReader {
  private carry: Buffer = Buffer.alloc(0);
  private chunks: Buffer[] = [];
  private started = false;
  private readonly opening: Buffer;
  private readonly closing: Buffer;

  constructor(token: string) {
    this.opening = Buffer.from(`${token}<\n`);
    this.closing = Buffer.from(`${token}>`);
  }

  /** The first bytes that came before the opening mark. */
  private noise = "";
  /** The opening mark came back otherwise than it was printed: a terminal ends lines with a carriage return, and echoes. */
  garbled = false;
  /** Bytes that came together with the closing mark, after it. */
  rest: Buffer = Buffer.alloc(0);
  /** Bytes between the marks so far. */
  size = 0;

  /** Takes the next bytes; gives the result once the closing mark is complete. */
  push(chunk: Buffer): Framed | undefined {
    let bytes = this.carry.length > 0 ? Buffer.concat([this.carry, chunk]) : chunk;
    if (!this.started) {
      const at = bytes.indexOf(this.opening);
      if (at < 0) {
        const mark = bytes.indexOf(this.opening.subarray(0, -1));
        this.garbled ||= mark >= 0 && bytes.length >= mark + this.opening.length;
        const keep = Math.max(0, bytes.length - this.opening.length + 1);
        this.addNoise(bytes.subarray(0, keep));
        this.carry = bytes.subarray(keep);
        return undefined;
      }
      this.addNoise(bytes.subarray(0, at));
      this.started = true;
      bytes = bytes.subarray(at + this.opening.length);
    }
    const at = bytes.indexOf(this.closing);
    if (at < 0) {
      const keep = Math.max(0, bytes.length - this.closing.length + 1);
      this.keep(bytes.subarray(0, keep));
      this.carry = bytes.subarray(keep);
      return undefined;
    }
    this.keep(bytes.subarray(0, at));
    const lineEnd = bytes.indexOf("\n", at);
    if (lineEnd < 0) {
      this.carry = bytes.subarray(at);
      return undefined;
    }
    const number = Number(bytes.toString("latin1", at + this.closing.length, lineEnd));
    this.rest = bytes.subarray(lineEnd + 1);
    return { body: Buffer.concat(this.chunks), number };
  }

  /** Everything that came and belongs to no command, for the message of a shell that did not start. */
  unframed(): string {
    return this.started ? "" : this.noise + this.carry.toString("utf8");
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.size += bytes.length;
  }

  private addNoise(bytes: Buffer): void {
    if (this.noise.length < 1000) this.noise += bytes.toString("utf8", 0, 1000);
  }
}
