import { basename } from "node:path";
import type { ManagerState } from "../../leofs/checks/view";
import { entries } from "../../leofs/incident/entries";
import { changesOf, isUnfinished } from "../../leofs/incident/incident";
import { type Journal, type Noted, readJournal } from "../../leofs/incident/journal";
import { script } from "../../remote/script";
import { parseSections, utf8, valuesOf } from "../../remote/sections";
import type { HalfWay } from "./diagnosis";

const FIND = script("cli/diagnose/scripts/find-incidents.sh");

/** An incident that hosts remember. */
export interface Remembered {
  /** Where, as each host has it. */
  directories: string[];
  journals: Noted[];
}

/** Incidents that the hosts of these managers remember, over or not, read-only. */
export async function incidentsOf(
  views: readonly ManagerState[],
  backupDirectory: string,
): Promise<Remembered[]> {
  const journals = (await Promise.all(views.map((view) => journalsOn(view, backupDirectory)))).flat();
  const incidents = new Map<string, Remembered>();
  for (const journal of journals) {
    const { directory } = journal.place;
    const known = incidents.get(basename(directory)) ?? { directories: [], journals: [] };
    if (!known.directories.includes(directory)) known.directories.push(directory);
    known.journals.push(journal);
    incidents.set(basename(directory), known);
  }
  return [...incidents.values()];
}

/** One that was given up counts no more once a later one is over: the pair was recovered without it. */
export function notOver(incidents: readonly Remembered[]): HalfWay[] {
  const over = incidents.filter(({ journals }) => journals.some(isOver)).map(lastNote);
  return incidents
    .filter((one) => isUnfinished(one.journals) && over.every((at) => at <= lastNote(one)))
    .map(({ directories, journals }) => ({
      directory: directories.join(" and "),
      changes: [...new Set(journals.flatMap(changesOf))],
    }));
}

const isOver = (journal: Noted): boolean =>
  entries.proven.isDone(journal) || entries.rollback.isDone(journal);

/** When anything was noted last, ISO 8601. */
const lastNote = ({ journals }: Remembered): string =>
  journals
    .flatMap(({ begun, done }) => [...begun.values(), ...done.values()])
    .map(({ at }) => String(at ?? ""))
    .sort()
    .at(-1) ?? "";

async function journalsOn({ manager }: ManagerState, backupDirectory: string): Promise<Journal[]> {
  const { host, as, spec } = manager;
  const { stdout } = await host.run(
    FIND,
    { directory: backupDirectory, home: spec.home },
    { as, encoding: "latin1", timeoutMs: 20_000 },
  );
  const directories = valuesOf(parseSections(stdout), "incident").map(utf8);
  return Promise.all(directories.map((directory) => readJournal({ host, directory, as })));
}
