import { atomName, intOf, isList, isTuple, type Term, textOf } from "./term";
import { formatTerm } from "./termPrinter";

/** What kept a node from answering, as far as the asking VM could tell it apart (see asker.erl). */
export type NoAnswerCause =
  | "address"
  | "no_epmd"
  | "absent"
  | "port"
  | "cookie"
  | "not_allowed"
  | "mute"
  | "closed"
  | "accepted"
  | "lost"
  | "timeout"
  | "alone"
  | "failed"
  | "unknown";

/** The node could not be asked, or what it was asked failed there. */
export class NodeUnreachable extends Error {
  override name = "NodeUnreachable";
  /** @param reason from where it was asked, and what was seen */
  constructor(
    node: string,
    readonly reason: string,
    override readonly cause: NoAnswerCause = "unknown",
  ) {
    super(`${node} does not answer (${reason})`);
  }
}

/** Of one answer of the asking VM. */
interface Seen {
  name: string;
  host: string;
  port: string;
  /** What came with it, in words; empty when nothing did. */
  said: string;
  details: Term | undefined;
  question: string;
  seconds: number;
}

const listed = ({ name, host, port }: Seen): string =>
  `${name} runs there (epmd on ${host} lists it, its port ${port} is open)`;

const WORDS: Readonly<Record<Exclude<NoAnswerCause, "unknown">, (seen: Seen) => string>> = {
  address: ({ details }) => `it does not know the address of ${textOf(details) ?? "its host"}`,
  no_epmd: ({ host, port, said }) =>
    `no epmd answers on ${host} port ${port} (${said || "no connection"}), so that no Erlang node can be found there`,
  absent: ({ name, host, port, details }) =>
    `${name} does not run there: epmd on ${host} port ${port} answers and lists ${names(isTuple(details) ? details.items[2] : undefined)}`,
  port: ({ name, host, port, said }) =>
    `epmd on ${host} lists ${name} on port ${port}, where no connection can be made (${said || "no answer"})`,
  cookie: (seen) => `${listed(seen)} and refuses our cookie: it was started with another one`,
  not_allowed: (seen) => `${listed(seen)} and lets in only the nodes that it was told to let in`,
  mute: (seen) => `${listed(seen)} and says nothing within 3 s: it hangs, or is stopped`,
  closed: (seen) => `${listed(seen)} and ends the connection before it asks for a cookie`,
  accepted: (seen) => `${listed(seen)}, ended a first connection and accepted a second one`,
  lost: () => "the connection ended before the answer",
  timeout: ({ details, seconds, question }) =>
    atomName(details) === "true"
      ? `it is connected and did not answer within ${seconds} s (${question})`
      : `no connection within ${seconds} s`,
  alone: ({ details }) => `the asking VM could not become a node (${textOf(details) ?? "no reason"})`,
  failed: ({ question, details }) =>
    `the question failed there (${question}): ${(textOf(details) ?? "").replace(/\s+/g, " ").slice(0, 300)}`,
};

/** Why a node gave no answer: what the asking VM saw, and nothing that it did not see. */
export function whyNot(
  answer: Term,
  node: string,
  question: string,
  seconds: number,
): { cause: NoAnswerCause; why: string } {
  const [, kind, details] = isTuple(answer, 3) ? answer.items : [];
  const [host, port, said] = isTuple(details) ? details.items : [];
  const cause = Object.keys(WORDS).find((one) => one === atomName(kind)) as keyof typeof WORDS | undefined;
  if (cause === undefined)
    return { cause: "unknown", why: `something unexpected: ${formatTerm(answer).slice(0, 300)}` };
  const seen: Seen = {
    name: node.split("@")[0]!,
    host: textOf(host) ?? "",
    port: String(intOf(port) ?? ""),
    said: textOf(said) ?? "",
    details,
    question,
    seconds,
  };
  return { cause, why: WORDS[cause](seen) };
}

function names(term: Term | undefined): string {
  const all = isList(term) ? term.items.map((item) => textOf(item) ?? "?") : [];
  return all.filter((one) => !/^recovery[0-9a-f]{12}$/.test(one)).join(", ") || "nothing";
}
