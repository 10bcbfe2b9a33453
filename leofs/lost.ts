import { callerName } from "./erlCall";
import { callOf } from "./settings";
import type { Site } from "./site";
import type { LostFacts } from "./takeoverPreconditions";

const PROBE = `call=$1 node=$2 cookie=$3 caller=$4
if command -v timeout >/dev/null 2>&1; then limit="timeout 4"; else limit=; fi
$limit "$call" -h "$caller" -name "$node" -c "$cookie" -a 'erlang node []' 2>&1
echo "exit $?"`;

/** Asks, from the survivor's host, whether the manager called lost still answers. Read-only, at most 4 s. */
export async function probeLost(survivor: Site, node: string): Promise<LostFacts> {
  const { host, path, cookie, as } = callOf(survivor);
  const { stdout } = await host.run(PROBE, [path, node, cookie, callerName()], { as, timeoutMs: 8_000 });
  const said = stdout.replaceAll(cookie, "<cookie>").trim().split("\n");
  const exit = /^.*exit (\d+)$/.exec(said.at(-1) ?? "")?.[1];
  const answers = exit === "0";
  const how = answers
    ? "it answered over Erlang distribution"
    : exit === "124"
      ? "no answer within 4 s"
      : (said[0]?.replace(/exit \d+$/, "").slice(0, 160) ?? "no answer");
  return { node, answers, evidence: `asked from ${host.label}: ${how}` };
}
