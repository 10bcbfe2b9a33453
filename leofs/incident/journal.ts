import { script } from "../../remote/script";
import { parseSections, utf8 } from "../../remote/sections";
import type { IncidentPlace } from "../manager/site";

/** What is written about a step: whatever its next reader needs, never a secret. */
export type JournalRecord = Record<string, unknown>;

/** Steps of an incident by name, begun and done. */
export interface Journal {
  begun: Map<string, JournalRecord>;
  done: Map<string, JournalRecord>;
}

const READ = script("leofs/incident/scripts/read-journal.sh");

/**
 * Reads what was done for an incident on a host. The journal is the truth that survives a lost state: a fresh
 * checkout, or another operator, continues from it. Nothing there means nothing was done.
 */
export async function readJournal({ host, directory, as }: IncidentPlace): Promise<Journal> {
  const { stdout } = await host.run(READ, { directory }, { as, encoding: "latin1", timeoutMs: 30_000 });
  const journal: Journal = { begun: new Map(), done: new Map() };
  for (const [file, content] of parseSections(stdout).contents) {
    const match = /^(.*)\.(begun|done)$/.exec(file);
    if (match) journal[match[2] as "begun" | "done"].set(match[1]!, readRecord(content));
  }
  return journal;
}

function readRecord(content: string): JournalRecord {
  try {
    const parsed: unknown = JSON.parse(utf8(content));
    return typeof parsed === "object" && parsed !== null ? (parsed as JournalRecord) : {};
  } catch {
    return {};
  }
}

const WRITE = script("leofs/incident/scripts/write-journal.sh");

/** For service scripts, which hand it to a shell of the user LeoFS runs as. */
export const JOURNAL_SCRIPT = WRITE.text;

async function write(place: IncidentPlace, entry: string, record: JournalRecord): Promise<void> {
  const { host, directory, as } = place;
  const text = JSON.stringify({ ...record, at: host.clock.stamp() });
  const { code, stderr } = await host.run(WRITE, { directory, entry, record: text }, { as });
  if (code !== 0)
    throw new Error(
      `${host.label}: the journal in ${directory} could not be written: ${stderr.trim()}. Nothing was changed by this step.`,
    );
}

/** Notes that a step that must not happen twice is about to start. */
export const begin = (place: IncidentPlace, step: string, record: JournalRecord = {}): Promise<void> =>
  write(place, `${step}.begun`, record);

/** Notes that a step is done, with its evidence. */
export const finish = (place: IncidentPlace, step: string, record: JournalRecord = {}): Promise<void> =>
  write(place, `${step}.done`, record);
