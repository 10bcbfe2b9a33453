/** A text as a sentence of its own: with the full stop at its end that it may lack. */
export const sentence = (text: string): string => text.replace(/\.?$/, ".");
