import { type Done, type EntryKind, entries } from "./entries";
import { read } from "./entry";
import type { JournalRecord, Noted } from "./journal";
import { type Fields, type Read, text } from "./records";

const KINDS = Object.entries(entries) as [EntryKind, { pattern: RegExp }][];

/** All that is read of an entry of that kind, begun or done. */
export type NotedFields<K extends EntryKind> = Partial<
  Done<K> &
    ((typeof entries)[K] extends { kind: { begun?: infer F extends Fields } }
      ? Read<F>
      : Record<never, never>)
>;

/** An entry as it was found in a journal. What it notes is read when somebody asks for it. */
export class NotedEntry {
  /** Undefined: of no kind that is known. */
  readonly kind: EntryKind | undefined;
  /** Of which node or backup it is; empty: of the incident. */
  readonly of: string;

  constructor(
    readonly name: string,
    readonly done: boolean,
    private readonly record: JournalRecord,
  ) {
    const known = kindOf(name);
    this.kind = known?.kind;
    this.of = known?.of ?? "";
  }

  get noted(): NotedFields<EntryKind> {
    const fields: Fields = (this.kind && entries[this.kind].kind[this.done ? "done" : "begun"]) ?? {};
    return read(fields, this.record)!;
  }

  /** ISO 8601, by the clock of whoever noted it; undefined: unreadable. */
  get at(): string | undefined {
    return timeOf(this.record);
  }
}

/** All entries of a host's journal, what begun before what is done. */
export function allOf({ begun, done }: Noted): NotedEntry[] {
  const found: NotedEntry[] = [];
  for (const [name, record] of begun) found.push(new NotedEntry(name, false, record));
  for (const [name, record] of done) found.push(new NotedEntry(name, true, record));
  return found;
}

/** When it was noted; a service script notes the second alone. */
const timeOf = ({ at, epoch }: JournalRecord): string | undefined => {
  if (typeof at === "string" && !Number.isNaN(Date.parse(at))) return new Date(at).toISOString();
  return typeof epoch === "number" ? new Date(epoch * 1000).toISOString() : undefined;
};

/** Backups that a host's journal names, each once. */
export const backupsIn = ({ done }: Noted): string[] => [
  ...new Set([...done.values()].flatMap(({ path }) => text(path) ?? [])),
];

const known = new Map<string, { kind: EntryKind; of: string } | undefined>();

/** Of which kind the entry of that name is, and whose; undefined: of none that is known. */
export function kindOf(name: string): { kind: EntryKind; of: string } | undefined {
  // A run meets few names, each many times.
  if (!known.has(name)) known.set(name, seekKind(name));
  return known.get(name);
}

function seekKind(name: string): { kind: EntryKind; of: string } | undefined {
  for (const [kind, { pattern }] of KINDS) {
    const match = pattern.exec(name);
    if (match) return { kind, of: match[1] ?? "" };
  }
  return undefined;
}
