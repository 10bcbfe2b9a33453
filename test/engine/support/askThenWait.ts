import { askNode } from "../../../leofs/erlang/ask";
import { expressions } from "../../../leofs/erlang/expressions";
import { connect } from "../../../remote/ssh/pool";

/**
 * A program of its own that asks a node, says the answer, and then waits (`stay`) or has nothing more to do (`go`).
 * What it needs comes as JSON in the environment, since a cookie is in no argument here either.
 */
async function main(): Promise<void> {
  const { connection, home, etc, cookie, node, then } = JSON.parse(process.env.ASK_THEN_WAIT ?? "{}");
  const from = { host: connect(connection), home, etc, cookie, as: undefined };
  await askNode(from, node, expressions("leofs/manager/questions/name.erl"));
  process.stdout.write("answered\n");
  if (then === "stay") setInterval(() => undefined, 1000);
}

void main();
