/** A journal as it lies on a host. Equal ones are one object, so that what they say is worked out once. */
export interface Notes {
  readonly entries: ReadonlyMap<string, string>;
  /** What reading it prints. */
  readonly text: string;
}

interface Node extends Notes {
  next: Map<string, Node>;
}

const blank = (): Node => ({ entries: new Map(), text: "", next: new Map() });
let root = blank();
let made = 0;

/** The journal in which nothing is noted. */
export const noNotes = (): Notes => root;

/** What a file of a journal looks like in what is printed. */
export const section = (name: string, text: string): string => `@@ ${name} ${text.length}\n${text}\n`;

/** A journal with one entry more, or with another text of it. */
export function noted(notes: Notes, entry: string, text: string): Notes {
  const { next, entries } = notes as Node;
  const key = `${entry} ${text}`;
  let node = next.get(key);
  if (!node) {
    const all = new Map(entries).set(entry, text);
    node = {
      entries: all,
      text: [...all].map(([file, said]) => section(file, said)).join(""),
      next: new Map(),
    };
    next.set(key, node);
    made += 1;
    // Journals in use stay as they are; only new ones no longer meet the old ones.
    if (made > 50_000) [root, made] = [blank(), 0];
  }
  return node;
}
