/** A text as a sentence of its own: with the full stop at its end that it may lack. */
export const sentence = (text: string): string => text.replace(/\.?$/, ".");

/** How many names, reasons or links a text gives before it counts the rest. */
export const NAMED = 3;

/** Some names, and how many more there are. */
export const someOf = (names: readonly string[], named = NAMED): string =>
  names.length > named + 1
    ? `${names.slice(0, named).join(", ")} and ${names.length - named} more`
    : names.join(", ");
