/**
 * Stands in front of the shell of every SSH session on a sandbox host (sshd's ForceCommand). It cuts what comes
 * in into operations, asks the gate before each one is run and before its reply goes out, and does what the
 * gate says; a stalled operation is one whose question is not answered. Without a gate everything passes. It knows the framing of long-lived shells from outside: one text
 * that marks its beginning and its end with a word of its own.
 *
 * Arguments: the gate's socket, the host's name. A program of its own, so it imports nothing of the project.
 */
import { EXCERPT, wordsOf } from "./framing";
import { Gate } from "./gate";
import { leave, NOBODY, Runner } from "./runner";
import { serveShell } from "./shell";

const command = process.env.SSH_ORIGINAL_COMMAND ?? "sh";

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
  if (/^(exec )?sh -s \S+$/.test(command)) return serveShell(gate, command);
  // A service step, and the try of its login: a plain shell, which reads all there is.
  return serveCommand(gate, /^(exec )?sh$/.test(command) ? await everything() : undefined);
});

async function everything(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}
