import { EXCERPT, nextUnit } from "./framing";
import type { Gate } from "./gate";
import { Lines } from "./lines";
import { leave, NOBODY, Runner } from "./runner";

/** A long-lived shell, or a stream that begins as one: operation after operation. */
export async function serveShell(gate: Gate, command: string): Promise<void> {
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
