import { distance } from "fastest-levenshtein";

/** For the end of a sentence that says that a word is not known: the known one it looks like, or nothing. */
export function meant(word: string, known: readonly string[]): string {
  const near = word.length > 5 ? 2 : 1;
  const close = known.find((one) => distance(one.toLowerCase(), word.toLowerCase()) <= near);
  return close === undefined ? "" : ` (is ${close} meant?)`;
}
