import { atomName, intOf, isList, isTuple, type Term, textOf } from "./term";
import { formatTerm } from "./termPrinter";

/** The node could not be asked, or what it was asked failed there. */
export class NodeUnreachable extends Error {
  override name = "NodeUnreachable";
  /** @param reason from where it was asked, and what was seen */
  constructor(
    node: string,
    readonly reason: string,
  ) {
    super(`${node} does not answer (${reason})`);
  }
}

/** Why a node gave no answer, in words: what the asking VM saw (see asker.erl), and nothing that it did not see. */
export function whyNot(answer: Term, node: string, question: string, seconds: number): string {
  const [, kind, details] = isTuple(answer, 3) ? answer.items : [];
  const parts = isTuple(details) ? details.items : [];
  const [host, port] = [textOf(parts[0]) ?? "", String(intOf(parts[1]) ?? "")];
  const name = node.split("@")[0]!;
  switch (atomName(kind)) {
    case "address":
      return `it does not know the address of ${textOf(details) ?? "its host"}`;
    case "no_epmd":
      return `no epmd answers on ${host} port ${port} (${textOf(parts[2]) ?? "no connection"}), so that no Erlang node can be found there`;
    case "absent":
      return `${name} does not run there: epmd on ${host} port ${port} answers and lists ${names(parts[2])}`;
    case "port":
      return `epmd on ${host} lists ${name} on port ${port}, where no connection can be made (${textOf(parts[2]) ?? "no answer"})`;
    case "refused":
      return `${name} runs there (epmd on ${host} lists it, its port ${port} is open) and refuses the connection: its cookie is another one`;
    case "lost":
      return "the connection ended before the answer";
    case "timeout":
      return atomName(details) === "true"
        ? `it is connected and did not answer within ${seconds} s (${question})`
        : `no connection within ${seconds} s`;
    case "alone":
      return `the asking VM could not become a node (${textOf(details) ?? "no reason"})`;
    case "failed":
      return `the question failed there (${question}): ${(textOf(details) ?? "").replace(/\s+/g, " ").slice(0, 300)}`;
    default:
      return `something unexpected: ${formatTerm(answer).slice(0, 300)}`;
  }
}

function names(term: Term | undefined): string {
  const all = isList(term) ? term.items.map((item) => textOf(item) ?? "?") : [];
  return all.filter((one) => !/^recovery[0-9a-f]{12}$/.test(one)).join(", ") || "nothing";
}
