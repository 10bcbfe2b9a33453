import { randomBytes } from "node:crypto";
import type { Host } from "../../remote/host";
import { COOKIE_FUNCTIONS } from "./cookie";
import { decodeTerm } from "./externalTerm";
import { parseTerm, type Term, textOf } from "./terms";

/** How to reach Erlang nodes from a host: LeoFS ships `erl_call` with every release. */
export interface ErlCall {
  host: Host;
  /** Path of erl_call on that host. */
  path: string;
  /** The cluster's `distributed_cookie`. */
  cookie: string;
  /** User to run it as. */
  as: string | undefined;
}

/** The node could not be asked, or what it was asked failed there. */
export class NodeUnreachable extends Error {
  override name = "NodeUnreachable";
}

/**
 * A node takes one connection a name, and erl_call's default name is the same for every call: two calls at once
 * would shut each other out.
 */
export const callerName = (): string => `recovery${randomBytes(6).toString("hex")}`;

const CALL = `${COOKIE_FUNCTIONS}
call=$1 node=$2
if command -v timeout >/dev/null 2>&1; then with_cookie "$3" timeout "$4" "$call" -h "$5" -name "$node" -e
else with_cookie "$3" "$call" -h "$5" -name "$node" -e; fi`;

/**
 * Evaluates expressions on a node and returns the last one's value.
 *
 * The expressions must be constant text with values quoted by `atomText` and `binaryText`: they run inside the
 * manager. One call takes some 4 ms. The value travels as base64 of its external form, because erl_call shortens binaries and escapes nothing.
 *
 * @throws NodeUnreachable when the node does not answer or the evaluation fails.
 */
export async function evaluate(
  call: ErlCall,
  node: string,
  expressions: string,
  timeoutSeconds = 8,
): Promise<Term> {
  const source = `binary_to_list(base64:encode(term_to_binary(begin ${expressions} end))).\n`;
  const { code, stdout, stderr } = await call.host.run(
    CALL,
    [call.path, node, call.cookie, String(timeoutSeconds), callerName()],
    { stdin: source, as: call.as, encoding: "latin1", timeoutMs: (timeoutSeconds + 2) * 1000 },
  );
  if (code !== 0 || !stdout.startsWith("{ok,")) {
    const said = `${stdout} ${stderr}`.trim().replaceAll(call.cookie, "<cookie>").slice(0, 300);
    throw new NodeUnreachable(`${node} asked from ${call.host.label}: ${said || `erl_call exit ${code}`}`);
  }
  const outer = parseTerm(stdout.trim());
  const text = outer.kind === "tuple" ? textOf(outer.items[1]) : undefined;
  if (text === undefined) throw new NodeUnreachable(`${node} answered something unreadable`);
  return decodeTerm(Buffer.from(text, "base64"));
}
