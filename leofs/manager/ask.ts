import { type Asking, type AskOptions, askNode } from "../erlang/ask";
import { type Expressions, expressions } from "../erlang/expressions";
import { NodeUnreachable } from "../erlang/noAnswer";
import type { Term } from "../erlang/term";
import { etcOf, type Site } from "./site";

/** Asks a manager that runs. @throws NodeUnreachable when it does not answer, and says why. */
export const ask = (
  site: Site,
  question: Expressions,
  values?: Readonly<Record<string, Term>>,
  options?: AskOptions,
): Promise<Term> => askNode(from(site), site.manager.node, question, values, options);

const from = ({ host, manager, as, settings, facts }: Site): Asking => ({
  host,
  home: manager.home,
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
export async function probe(site: Site, node: string): Promise<Reach> {
  try {
    await askNode(from(site), node, NAME, {}, { seconds: 4 });
  } catch (error) {
    if (!(error instanceof NodeUnreachable)) throw error;
    return { node, answers: false, evidence: error.reason };
  }
  const evidence = `asked from ${site.host.label}: it answered over Erlang distribution`;
  return { node, answers: true, evidence };
}
