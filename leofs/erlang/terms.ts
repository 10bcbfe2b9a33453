/** Erlang terms as text: what dumps, generated configuration and Erlang's own tools print. */
export * from "./term";
export { parseTerm } from "./termParser";
export { atomText, formatTerm } from "./termPrinter";
export { TermError } from "./termText";
