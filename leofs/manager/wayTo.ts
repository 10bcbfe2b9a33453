import { expressions } from "../erlang/expressions";
import { atom, atomName, formatTerm, isTuple } from "../erlang/terms";
import type { Reach } from "./ask";
import type { Asked } from "./manager";

const WAY = expressions("leofs/manager/questions/way-to.erl");

/**
 * Asks a running manager whether its host reaches the host of a node that is not there yet, on epmd's port. Read-only, at
 * most 4 s.
 */
export async function wayTo(running: Asked, node: string): Promise<Reach> {
  const answer = await running.ask(WAY, { Node: atom(node) });
  const evidence = isTuple(answer, 2)
    ? `port ${formatTerm(answer.items[0]!)}: ${formatTerm(answer.items[1]!)}`
    : "its host answered";
  return { node, answers: atomName(answer) === "reached", evidence };
}
