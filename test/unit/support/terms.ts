import { integer, list, type Term } from "../../../leofs/erlang/term";
import { TermReader } from "../../../leofs/erlang/termParser";

export const float = (value: number): Term => ({ kind: "float", value });

/** A string as Erlang has it: the list of its code points. */
export const text = (value: string): Term =>
  list(Array.from(value, (character) => integer(character.codePointAt(0)!)));

/** All terms of a text, each ended by a dot. Throws TermError. */
export function parseTerms(source: string): Term[] {
  const reader = new TermReader(source);
  const terms: Term[] = [];
  while (!reader.atEnd()) {
    terms.push(reader.term());
    reader.dot();
  }
  return terms;
}
