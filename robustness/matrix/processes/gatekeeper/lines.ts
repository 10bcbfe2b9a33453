import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { Gate } from "./gate";
import { leave } from "./runner";

/** A line of a stream that is an operation of its own. */
type Told = { kind: "question" | "order"; script: string; args: string[]; id?: string };

/**
 * A stream whose lines are operations: of a VM that asks nodes each question, whose answer is held until the gate let it
 * out; of the temporary VM of a replica each order. Everything else passes as it comes.
 */
export class Lines {
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
