import { command } from "./commands";
import type { Description } from "./describe";
import { epmdEnvironment } from "./environment";
import type { Requirements } from "./requirements";

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
  const args = ["-name", node, "-c", sandbox.cookie, "-e"];
  const outcome = await command(tools.erlCall, args, { stdin: `${expression}.\n`, env, timeoutMs: 15_000 });
  if (outcome.code !== 0) return undefined;
  return /^\{ok, ([\s\S]*)\}\s*$/.exec(outcome.stdout)?.[1];
}

/** The node's atoms in an answer: what stands in single quotes. */
export const quotedAtoms = (answer: string): string[] =>
  [...answer.matchAll(/'([^']+)'/g)].map((match) => match[1]!);
