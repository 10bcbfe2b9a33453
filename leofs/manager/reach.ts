import { COOKIE_FUNCTIONS } from "../erlang/cookie";
import { callerName, type ErlCall } from "../erlang/erlCall";
import type { Site } from "./site";

/** Whether an Erlang node answers, as asked from a manager's host. */
export interface Reach {
  node: string;
  answers: boolean;
  /** What was tried and seen. */
  evidence: string;
}

const PROBE = `${COOKIE_FUNCTIONS}
call=$1 node=$2 caller=$4
if command -v timeout >/dev/null 2>&1; then limit="timeout 4"; else limit=; fi
with_cookie "$3" $limit "$call" -h "$caller" -name "$node" -a 'erlang node []' 2>&1
echo "exit $?"`;

/** Asks a node from a manager's host whether it answers over Erlang distribution. Read-only, at most 4 s. */
export async function probe(from: Site, node: string): Promise<Reach> {
  const asked = `asked from ${from.host.label}`;
  if (!from.facts.tools.erlCall)
    return { node, answers: false, evidence: `${asked}: no erl_call there to ask with` };
  const { host, path, cookie, as } = callOf(from);
  const { stdout } = await host.run(PROBE, [path, node, cookie, callerName()], { as, timeoutMs: 8_000 });
  const said = stdout.replaceAll(cookie, "<cookie>").trim().split("\n");
  const exit = /^.*exit (\d+)$/.exec(said.at(-1) ?? "")?.[1];
  const answers = exit === "0";
  const how = answers
    ? "it answered over Erlang distribution"
    : exit === "124"
      ? "no answer within 4 s"
      : (said[0]?.replace(/exit \d+$/, "").slice(0, 160) ?? "no answer");
  return { node, answers, evidence: `${asked}: ${how}` };
}

/**
 * How to ask Erlang nodes from a manager's host.
 *
 * @throws when its release carries no erl_call.
 */
export function callOf(site: Site): ErlCall {
  const path = site.facts.tools.erlCall;
  if (!path)
    throw new Error(
      `${site.host.label}: ${site.manager.home}/erts-*/bin/erl_call is not there. It is part of every LeoFS release; without it no evidence can be had. Install the release completely.`,
    );
  return { host: site.host, path, cookie: site.settings.cookie, as: site.as };
}
