/** Erlang terms as text: what dumps, generated configuration and Erlang's own tools print. */
export * from "./term";
export { parseTerm, parseTerms } from "./termParser";
export { atomText, binaryText, formatTerm, stringText } from "./termPrinter";
export { TermError } from "./termText";
