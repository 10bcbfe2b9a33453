import { atomName, intOf, isAtom, isList, isTuple, type Term } from "../erlang/term";
import { logHeader, walkLog } from "./diskLog";

/** What a manager's Mnesia logs say about the other nodes. */
export interface Marks {
  /** Node that wrote the newest log; undefined when none could be read. Another one's: the files were copied. */
  writer: string | undefined;
  /** Nodes that went down while the writer ran, with the writer's local time: `2026-11-22 19:39:35`. */
  down: Map<string, string>;
  /** A log that was too large to be read whole: what it says further on is not known, and `down` may not be true any more. */
  cut?: string;
}

/**
 * Reads the marks from a Mnesia directory's logs, given oldest first: DECISION_TAB.LOG, PREVIOUS.LOG, LATEST.LOG, as
 * far as they exist. A node that came up again is not down; what cannot be read is passed over.
 */
export function mnesiaDownMarks(...logs: readonly Buffer[]): Marks {
  const marks: Marks = { writer: undefined, down: new Map() };
  for (const bytes of logs) {
    const { items } = walkLog(bytes);
    marks.writer = atomName(logHeader(items)?.node) ?? marks.writer;
    for (const item of items) addMark(marks, item);
  }
  return marks;
}

function addMark(marks: Marks, item: Term): void {
  if (isTuple(item, 2) && isAtom(item.items[0], "decision_list") && isList(item.items[1])) {
    for (const kept of item.items[1].items) addMark(marks, kept);
    return;
  }
  if (!isTuple(item, 4)) return;
  const [tag, name, date, time] = item.items;
  const node = atomName(name);
  if (node === undefined) return;
  if (isAtom(tag, "mnesia_up")) marks.down.delete(node);
  if (isAtom(tag, "mnesia_down")) marks.down.set(node, `${joined(date, "-")} ${joined(time, ":")}`);
}

function joined(term: Term | undefined, separator: string): string {
  const numbers = isTuple(term) ? term.items.map((item) => String(intOf(item) ?? "?").padStart(2, "0")) : [];
  return numbers.join(separator);
}

export interface LastStopped {
  /** The manager that stopped last, and so has the newest data; undefined when the files do not tell. */
  node: string | undefined;
  /** What the files say, for the operator. */
  evidence: string;
}

/**
 * Which of two stopped managers stopped last: the one that noted the other going down. Mnesia itself decides by
 * these notes which of the two may load its tables alone.
 */
export function lastStopped(
  a: { node: string; marks: Marks },
  b: { node: string; marks: Marks },
): LastStopped {
  const unknown = (evidence: string): LastStopped => ({ node: undefined, evidence });
  for (const { node, marks } of [a, b]) {
    if (marks.cut !== undefined)
      return unknown(
        `${marks.cut} of ${node} is too large to be read whole, and whom it saw going down may stand further on`,
      );
    if (marks.writer !== undefined && marks.writer !== node)
      return unknown(`the files of ${node} were written by ${marks.writer}: they were copied from there`);
  }
  const aboutB = a.marks.down.get(b.node);
  const aboutA = b.marks.down.get(a.node);
  const noted = (one: string, other: string, time: string) => `${one} noted ${other} going down at ${time}`;
  if (aboutB !== undefined && aboutA === undefined)
    return { node: a.node, evidence: noted(a.node, b.node, aboutB) };
  if (aboutA !== undefined && aboutB === undefined)
    return { node: b.node, evidence: noted(b.node, a.node, aboutA) };
  if (aboutA !== undefined && aboutB !== undefined)
    return unknown(
      `${noted(a.node, b.node, aboutB)}, and ${noted(b.node, a.node, aboutA)}: each ran without the other`,
    );
  return unknown(
    `neither ${a.node} nor ${b.node} noted the other going down: both ended at once, or were killed`,
  );
}
