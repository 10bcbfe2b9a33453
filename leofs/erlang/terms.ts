/** Erlang terms as text: what dumps, generated configuration and Erlang's own tools print. */
export * from "./term";
export { parseTerm, parseTerms, TermReader } from "./termParser";
export { atomText, binaryText, formatTerm, sameTerm, stringText } from "./termPrinter";
export { TermError } from "./termText";
