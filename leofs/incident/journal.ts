import { parseSections, SECTION_FUNCTIONS, utf8 } from "../../remote/sections";
import type { IncidentPlace } from "../manager/site";

/** What is written about a step: whatever its next reader needs, never a secret. */
export type JournalRecord = Record<string, unknown>;

/** Steps of an incident by name, begun and done. */
export interface Journal {
  begun: Map<string, JournalRecord>;
  done: Map<string, JournalRecord>;
}

const READ = `${SECTION_FUNCTIONS}
cd -- "$1/journal" 2>/dev/null || exit 0
for file in *.begun *.done; do content "$file" "$file"; done
exit 0`;

/**
 * Reads what was done for an incident on a host. The journal is the truth that survives a lost state: a fresh
 * checkout, or another operator, continues from it. Nothing there means nothing was done.
 */
export async function readJournal({ host, directory, as }: IncidentPlace): Promise<Journal> {
  const { stdout } = await host.run(READ, [directory], { as, encoding: "latin1", timeoutMs: 30_000 });
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

/**
 * Shell functions that write one journal entry the safe way: new name, synced, renamed. Free of single quotes,
 * because control scripts hand them to a shell of another user.
 */
export const JOURNAL_FUNCTIONS = `
flush() { sync -- "$@" 2>/dev/null || sync; }
journal() {
  if [ -L "$1/journal" ]; then echo "$1/journal is a symbolic link, which is not followed" >&2; return 1; fi
  if [ ! -d "$1/journal" ]; then mkdir -p -m 700 -- "$1/journal" || return 1; fi
  new="$1/journal/.$2.new"
  { printf "%s\\n" "$3" > "$new" && flush "$new" && mv -f -- "$new" "$1/journal/$2"; } || { rm -f -- "$new"; return 1; }
  flush "$1/journal"
}`;

/** Writes one entry: incident directory, entry name, JSON text. */
export const JOURNAL_SCRIPT = `set -e
umask 077
${JOURNAL_FUNCTIONS}
journal "$1" "$2" "$3"`;

async function write(place: IncidentPlace, entry: string, record: JournalRecord): Promise<void> {
  const args = [place.directory, entry, JSON.stringify({ ...record, at: new Date().toISOString() })];
  const { code, stderr } = await place.host.run(JOURNAL_SCRIPT, args, { as: place.as });
  if (code !== 0)
    throw new Error(
      `${place.host.label}: the journal in ${place.directory} could not be written: ${stderr.trim()}. Nothing was changed by this step.`,
    );
}

/** Notes that a step that must not happen twice is about to start. */
export const begin = (place: IncidentPlace, step: string, record: JournalRecord = {}): Promise<void> =>
  write(place, `${step}.begun`, record);

/** Notes that a step is done, with its evidence. */
export const finish = (place: IncidentPlace, step: string, record: JournalRecord = {}): Promise<void> =>
  write(place, `${step}.done`, record);
