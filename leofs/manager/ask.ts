import { type Asking, type AskOptions, askNode } from "../erlang/ask";
import { type Expressions, expressions } from "../erlang/expressions";
import { NodeUnreachable } from "../erlang/noAnswer";
import { atom, atomName, isList, list, type Term } from "../erlang/terms";
import { etcOf, type LookedAt } from "./lookedAt";

/** Asks a manager that runs. @throws NodeUnreachable when it does not answer, and says why. */
export const ask = (
  manager: LookedAt,
  question: Expressions,
  values?: Readonly<Record<string, Term>>,
  options?: AskOptions,
): Promise<Term> => askNode(from(manager), manager.spec.node, question, values, options);

const from = ({ host, spec, as, settings, facts }: LookedAt): Asking => ({
  host,
  home: spec.home,
  etc: etcOf(facts),
  as,
  cookie: settings.cookie,
});

/** Whether an Erlang node answers, as asked from a manager's host. */
export interface Reach {
  node: string;
  answers: boolean;
  /** What was tried and seen. */
  evidence: string;
}

const NAME = expressions("leofs/manager/questions/name.erl");

/** Asks a node from a manager's host whether it answers over Erlang distribution. Read-only, at most 4 s. */
export async function probe(manager: LookedAt, node: string): Promise<Reach> {
  try {
    await askNode(from(manager), node, NAME, {}, { seconds: 4 });
  } catch (error) {
    if (!(error instanceof NodeUnreachable)) throw error;
    return { node, answers: false, evidence: error.reason };
  }
  const evidence = `asked from ${manager.host.label}: it answered over Erlang distribution`;
  return { node, answers: true, evidence };
}

const REACHED = expressions("leofs/manager/questions/reached-from.erl");

/** How many storage and gateway nodes are tried until one answers for all of them. */
const TRIES = 3;

/**
 * Asks the storage and gateway nodes of a cluster whether one of them reaches a node: a network may be cut between the
 * managers' hosts alone. Asked from a manager's host, through the first of them that answers. Read-only.
 */
export async function reachedFrom(
  manager: LookedAt,
  askers: readonly string[],
  node: string,
): Promise<Reach> {
  const values = { Askers: list(askers.map(atom)), Node: atom(node) };
  for (const asker of askers.slice(0, TRIES)) {
    const answer = await askNode(from(manager), asker, REACHED, values, { seconds: 6 }).catch(
      (error: unknown) => {
        if (error instanceof NodeUnreachable) return undefined;
        throw error;
      },
    );
    if (!isList(answer)) continue;
    const [first] = answer.items.map((item) => atomName(item));
    return first === undefined
      ? { node, answers: false, evidence: `${asker} and others like it do not reach it` }
      : { node, answers: true, evidence: `${first} reaches it over Erlang distribution` };
  }
  return { node, answers: false, evidence: "no storage or gateway node could be asked" };
}
