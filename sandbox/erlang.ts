import { command } from "./commands";
import type { Description } from "./describe";
import { epmdEnvironment } from "./environment";
import type { Requirements } from "./requirements";

let calls = 0;

/**
 * Evaluates Erlang on a node and returns the answer as erl_call prints it, without `{ok, ...}`; undefined when the
 * node does not answer. For the sandbox's own looks: constant text only.
 */
export async function evaluate(
  tools: Pick<Requirements, "erlCall">,
  sandbox: Pick<Description, "index" | "cookie">,
  node: string,
  expression: string,
): Promise<string | undefined> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...epmdEnvironment(sandbox.index) };
  // Under its usual name erl_call can have only one call at a time to a node; a second one would be refused.
  calls += 1;
  const args = ["-h", `sandbox${process.pid}x${calls}`, "-name", node, "-c", sandbox.cookie, "-e"];
  const outcome = await command(tools.erlCall, args, { stdin: `${expression}.\n`, env, timeoutMs: 15_000 });
  if (outcome.code !== 0) return undefined;
  return /^\{ok, ([\s\S]*)\}\s*$/.exec(outcome.stdout)?.[1];
}

/** The atoms of the first list in an answer; quotes stand only where an atom needs them. */
export function atomsOf(answer: string): string[] {
  const list = /\[([^\]]*)\]/.exec(answer)?.[1] ?? "";
  return [...list.matchAll(/'([^']+)'|[a-z][\w@]*/g)].map((match) => match[1] ?? match[0]);
}
