import { script } from "../../remote/script";
import { parseSections, utf8 } from "../../remote/sections";
import type { IncidentPlace } from "../manager/lookedAt";
import type { Noting } from "../manager/noting";
import { sentence, someOf } from "../sentence";

/** What an entry says: whatever its next reader needs, never a secret. */
export type JournalRecord = Record<string, unknown>;

const READ = script("leofs/incident/scripts/read-journal.sh");
const WRITE = script("leofs/incident/scripts/write-journal.sh");

/** For service scripts, which hand it to a shell of the user LeoFS runs as. */
export const notingIn = (directory: string): Noting => ({ directory, script: WRITE.text });

/**
 * What a host remembers of an incident: its entries by name, begun and done. It is the truth that survives a lost state: a
 * fresh checkout, or another operator, continues from it. Nothing there means nothing was done.
 *
 * Read once by whatever works on the incident. What is noted through it is on the host first, then here; what others note,
 * service scripts too, is here once it is read again.
 */
export class Journal {
  readonly begun = new Map<string, JournalRecord>();
  readonly done = new Map<string, JournalRecord>();

  /** Nothing of it is known before it is read; it can be written to all the same. */
  constructor(readonly place: IncidentPlace) {}

  /** Throws when whoever works on the incident may change nothing more. Default: nobody asks. */
  guard?: () => Promise<void>;

  /** For a stop, which its script notes here. */
  get noting(): Noting {
    return { ...notingIn(this.place.directory), mayStop: this.guard };
  }

  /**
   * Reads it from its host once more.
   *
   * @throws when there is something that cannot be read: it would pass for nothing that was done.
   */
  async readAgain(): Promise<void> {
    const { host, directory, as } = this.place;
    const { stdout } = await host.run(READ, { directory }, { as, encoding: "latin1", timeoutMs: 30_000 });
    const { values, contents } = parseSections(stdout);
    const unread = [...values.keys()].flatMap((name) => /^(.*)\.unreadable$/.exec(name)?.[1] ?? []);
    if (unread.length > 0)
      throw new Error(
        `${host.label}: ${as ?? "the user who logs in"} cannot read the journal in ${directory} (${someOf(unread)}), so what was done for this incident is not known. Give ${directory} and all that is in it back to the user LeoFS runs as (chown -R), then try again.`,
      );
    const damaged: string[] = [];
    this.begun.clear();
    this.done.clear();
    for (const [file, content] of contents) {
      const match = /^(.*)\.(begun|done)$/.exec(file);
      if (!match) continue;
      const record = readRecord(utf8(content));
      if (record) this[match[2] as "begun" | "done"].set(match[1]!, record);
      else damaged.push(file);
    }
    if (damaged.length > 0)
      throw new Error(
        `${host.label}: ${someOf(damaged)} in ${directory}/journal is not as it was noted: somebody changed it, or the disc is damaged. What was done for this incident is not known. Put back what was there, {"at":"..."} with the evidence; what is of both managers stands on the other one's host too. Then try again.`,
      );
  }

  /** Notes that what must not happen twice is about to start. */
  async begin(entry: string, record: JournalRecord): Promise<void> {
    await this.guard?.();
    return this.note(entry, "begun", record);
  }

  /** Notes that it is done, with its evidence. */
  finish(entry: string, record: JournalRecord): Promise<void> {
    return this.note(entry, "done", record);
  }

  private async note(entry: string, what: "begun" | "done", record: JournalRecord): Promise<void> {
    const { host, directory, as } = this.place;
    const text = JSON.stringify({ ...record, at: host.clock.stamp() });
    const { code, stderr } = await host.run(
      WRITE,
      { directory, entry: `${entry}.${what}`, record: text },
      { as },
    );
    if (code !== 0)
      throw new Error(
        `${host.label}: the journal in ${directory} could not be written: ${sentence(stderr.trim())} Free space there, or let the user LeoFS runs as write to it, then run pulumi up again: it finds out what was done.`,
      );
    // As it is read back: what JSON leaves out is not there.
    this[what].set(entry, JSON.parse(text));
  }
}

/** What a host remembers, without where. */
export type Noted = Pick<Journal, "begun" | "done">;

/** Reads what was done for an incident on a host. */
export async function readJournal(place: IncidentPlace): Promise<Journal> {
  const journal = new Journal(place);
  await journal.readAgain();
  return journal;
}

/** What an entry says; undefined: that cannot be read. */
function readRecord(content: string): JournalRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(content);
    return typeof parsed === "object" && parsed !== null ? (parsed as JournalRecord) : undefined;
  } catch {
    return undefined;
  }
}
