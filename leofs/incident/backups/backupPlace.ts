import { basename } from "node:path";
import { script } from "../../../remote/script";
import type { IncidentPlace } from "../../manager/lookedAt";
import { sentence } from "../../sentence";
import { entries } from "../entries";
import type { Journal } from "../journal";
import { type Manifest, NotWhole, parseManifest } from "./manifest";
import { hashTree, NoTree, treeDifferences } from "./tree";

const PREPARE = script("leofs/incident/scripts/prepare-directory.sh");

/** What a directory for backups is called in a message, and what to do when it cannot be used. */
export interface PlaceWords {
  name: string;
  advice: string;
}

const OF_A_MANAGER: PlaceWords = {
  name: "the backup directory",
  advice: "Make it writable for the user LeoFS runs as, free space on it, or set another backupDirectory.",
};

/**
 * Makes the incident's directory (0700) in the backup directory and proves that it can be written by the user
 * LeoFS runs as, who writes the dump.
 *
 * @throws with the reason when it cannot: a symbolic link, no permission, a full disk.
 */
export async function preparePlace(
  place: IncidentPlace,
  backupDirectory: string,
  { name, advice }: PlaceWords = OF_A_MANAGER,
): Promise<void> {
  const { code, stdout, stderr } = await place.host.run(
    PREPARE,
    { top: backupDirectory, incident: place.directory },
    { as: place.as },
  );
  if (code === 0) return;
  const said = `${stdout} ${stderr}`.trim() || "a probe file could not be written";
  throw new Error(
    `${place.host.label}: ${name} ${backupDirectory} cannot be used by ${place.as ?? "the login user"}: ${said}. Nothing was changed. ${advice}`,
  );
}

const PUBLISH = script("leofs/incident/scripts/publish-backup.sh");

/**
 * Publishes a finished backup under its name with one rename, its manifest inside. Never overwrites.
 *
 * @param manifest undefined: it is there already, as in a copy of a backup
 */
export async function publish(
  place: IncidentPlace,
  partial: string,
  final: string,
  manifest: Manifest | undefined,
): Promise<void> {
  const values = { partial, final, manifest: manifest ? JSON.stringify(manifest, null, 1) : "" };
  const { code, stdout, stderr } = await place.host.run(PUBLISH, values, {
    as: place.as,
    timeoutMs: 300_000,
  });
  if (code !== 0)
    throw new Error(
      `${place.host.label}: ${final} could not be published: ${sentence(`${stdout} ${stderr}`.trim())} What was backed up is untouched. Mend that, then run pulumi up again.`,
    );
}

const READ_MANIFEST = script("leofs/incident/scripts/read-manifest.sh");

/**
 * Reads a backup that was published for an incident back and compares every file with its manifest.
 *
 * @throws when it is not there, not a backup, or differs from what was written; names the second copy if there is one.
 */
export async function verifyBackup(journal: Journal, path: string): Promise<Manifest> {
  try {
    return await readBack(journal.place, path);
  } catch (error) {
    // A host that cannot be asked says nothing of the backup.
    if (!(error instanceof NotWhole || error instanceof NoTree)) throw error;
    const { host, path: copy, at } = entries.copied(basename(path)).done(journal) ?? {};
    if (!copy)
      throw new Error(
        `${error.message}. Find out who moved or changed it and put it back as it was, under that name; then run pulumi up again.`,
      );
    throw new Error(
      `${error.message}. A second copy of it, verified at ${at}, is ${copy} on ${host}: check it there (npx leofs-recovery verify-backup ${copy}), move what is left of ${path} aside, put the copy in its place under that name, then run pulumi up again.`,
    );
  }
}

/**
 * Reads any published backup back and compares every file with its manifest.
 *
 * @throws when it is not there, not a backup, or differs from what was written.
 */
export async function readBack({ host, as }: IncidentPlace, path: string): Promise<Manifest> {
  const { stdout } = await host.run(READ_MANIFEST, { path }, { as, timeoutMs: 30_000 });
  if (stdout === "gone\n") throw new NotWhole(`${host.label}: the backup ${path} is gone`);
  const text = /^@@ manifest \d+\n([\s\S]*)$/.exec(stdout)?.[1];
  if (!text)
    throw new NotWhole(`${host.label}: ${path} holds no manifest.json: not a backup that was finished`);
  const manifest = parseManifest(text);
  const tree = await hashTree(host, path, as);
  const files = tree.files.filter((file) => file.name !== "manifest.json");
  const differences = treeDifferences(manifest.files, files);
  if (differences.length > 0)
    throw new NotWhole(
      `${host.label}: the backup ${path} is not what was written: ${differences.slice(0, 5).join("; ")}`,
    );
  return manifest;
}

const LIST = script("leofs/incident/scripts/list-backups.sh");

/** Names of the published backups of an incident, in alphabetical order. */
export async function publishedBackups(place: IncidentPlace): Promise<string[]> {
  const { stdout } = await place.host.run(LIST, { directory: place.directory }, { as: place.as });
  return stdout.split("\n").filter(Boolean).sort();
}

/** The next free name `<prefix>-001`, `-002`, ... among published backups. */
export function nextName(published: readonly string[], prefix: string): string {
  const taken = new Set(published);
  for (let n = 1; ; n += 1) {
    const name = `${prefix}-${String(n).padStart(3, "0")}`;
    if (!taken.has(name)) return name;
  }
}
