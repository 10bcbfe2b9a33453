import { basename } from "node:path";
import type { Journal, JournalRecord, Noted } from "./journal";
import { type Fields, type Read, text, type Written } from "./records";

/** What is known of all entries of a kind. */
export interface Kind<Done extends Fields, Begun extends Fields> {
  /** What is noted when it begins, of what must not happen twice; without it only its end is noted. */
  begun?: Begun;
  done: Done;
  /** On which host it is, and what it says there. */
  means: string;
  /** Who writes it. */
  by: string;
}

/** One entry of the journal. */
export interface Entry<Done extends Fields, Begun extends Fields> {
  /** Its name on disc. */
  readonly name: string;
  /** Its file once it is done, for scripts that look for it. */
  readonly doneFile: string;
  /** What was noted when it was done; undefined: it is not. */
  done(journal: Noted): Read<Done> | undefined;
  /** What was noted when it began; undefined: it did not. */
  begun(journal: Noted): Read<Begun> | undefined;
  isDone(journal: Noted): boolean;
  isBegun(journal: Noted): boolean;
  /** Notes that what must not happen twice is about to start. */
  begin(journal: Journal, record: Written<Begun>): Promise<void>;
  /** Notes that it is done, with its evidence. */
  finish(journal: Journal, record: Written<Done>): Promise<void>;
}

/** Reads the fields of a record; undefined where there is none. */
export function read<F extends Fields>(
  fields: F | undefined,
  record: JournalRecord | undefined,
): Read<F> | undefined {
  if (!fields || !record) return undefined;
  const known: Record<string, unknown> = {};
  for (const key in fields) known[key] = fields[key]!(record[key]);
  known.at = text(record.at);
  return known as Read<F>;
}

function entry<D extends Fields, B extends Fields>(name: string, kind: Kind<D, B>): Entry<D, B> {
  return {
    name,
    doneFile: `${name}.done`,
    done: (journal) => read(kind.done, journal.done.get(name)),
    begun: (journal) => read(kind.begun, journal.begun.get(name)),
    isDone: ({ done }) => done.has(name),
    isBegun: ({ begun }) => begun.has(name),
    begin: (journal, record) => journal.begin(name, record),
    finish: (journal, record) => journal.finish(name, record),
  };
}

/** One of an incident on a host. */
export const once = <D extends Fields, B extends Fields = never>(name: string, kind: Kind<D, B>) => ({
  ...entry(name, kind),
  pattern: new RegExp(`^${name}$`),
  kind,
});

/** One for each node, or backup. */
export const each = <D extends Fields, B extends Fields = never>(name: string, kind: Kind<D, B>) =>
  Object.assign((node: string) => entry(`${name}.${node}`, kind), {
    pattern: new RegExp(`^${name}\\.(.*)$`),
    kind,
  });

/** One for each round of making a pair, by where what was there is moved, and node. */
export const eachRound = <D extends Fields, B extends Fields = never>(name: string, kind: Kind<D, B>) =>
  Object.assign((aside: string, node: string) => entry(`${basename(aside)}.${node}`, kind), {
    pattern: new RegExp(`\\.${name}-\\d+\\.(.*)$`),
    kind,
  });
