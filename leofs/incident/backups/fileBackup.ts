import { REMOVE_DIRECTORY } from "../../../remote/files";
import { script } from "../../../remote/script";
import { listDirectory } from "../../manager/directory";
import type { Manager, Stopped } from "../../manager/manager";
import { entries } from "../entries";
import type { Journal } from "../journal";
import type { Incident } from "../readIncident";
import { surprises } from "../surprises";
import { nextName, publish, publishedBackups, verifyBackup } from "./backupPlace";
import { movedAside } from "./clearDirectory";
import { type Manifest, manifestHead } from "./manifest";
import { hashTree, readTree, type TreeFile, treeDifferences, treeIfAny } from "./tree";

/** A published backup of a stopped manager's Mnesia files. */
export interface FileBackup {
  /** Its directory; undefined when there was nothing to back up. */
  path: string | undefined;
  manifest: Manifest | undefined;
}

const COPY = script("leofs/incident/scripts/back-up-files.sh");

/**
 * Copies the Mnesia files of a manager into the incident's directory: under a new name, synced, read
 * back and compared with the source by SHA-256, then published by one rename with a manifest.
 *
 * An absent or empty directory has nothing to back up.
 */
export async function backUpFiles(manager: Stopped, incident: Incident): Promise<FileBackup> {
  const journal = incident.on(manager);
  const earlier = await earlierBackup(manager, journal, await movedAside(manager, journal));
  if (earlier) return earlier;
  const backup = await copyFiles(manager, incident.name);
  await entries.files(manager.spec.node).finish(journal, { path: backup.path });
  return backup;
}

/**
 * The backup that this incident made of a manager whose files it does not touch any more: what was backed up then stands,
 * whatever is there now. It may run again.
 */
export async function keptBackup(manager: Manager, incident: Incident): Promise<FileBackup> {
  const kept = await earlierBackup(manager, incident.on(manager), true);
  if (kept) return kept;
  throw new Error(
    `${manager.host.label}: the journal in ${manager.place.directory} says that the files of ${manager.spec.node} were used, and not where they were backed up. Nothing was changed. Go back: rollback: true, then recover under a new incident.`,
  );
}

/** The backup this incident made before, when it still stands for what is (or was, before it was settled) there. */
async function earlierBackup(
  manager: Manager,
  journal: Journal,
  settled: boolean,
): Promise<FileBackup | undefined> {
  const record = entries.files(manager.spec.node).done(journal);
  if (!record) return undefined;
  if (record.path === undefined) return settled ? { path: undefined, manifest: undefined } : undefined;
  const manifest = await verifyBackup(journal, record.path);
  if (settled) return { path: record.path, manifest };
  const same = isCopy(await filesIn(manager), manifest);
  return surprises.changedSince({ moved: settled, isCopy: same })
    ? undefined
    : { path: record.path, manifest };
}

/** The files in the Mnesia directory; none when it is not there. */
async function filesIn({ host, as, settings }: Manager): Promise<TreeFile[]> {
  const directory = settings.mnesiaDirectory;
  const { exists } = await listDirectory(host, directory, as);
  return exists ? (await hashTree(host, directory, as)).files : [];
}

/** The files of a backup under the names they have in the Mnesia directory. */
export const sourceFiles = (manifest: Manifest): TreeFile[] =>
  manifest.files.map((file) => ({ ...file, name: file.name.replace(/^mnesia\//, "") }));

/** Whether files are, by name and SHA-256, just those of a backup. */
export const isCopy = (files: TreeFile[], manifest: Manifest): boolean =>
  treeDifferences(sourceFiles(manifest), files).length === 0;

/** Whether what is in the Mnesia directory of a manager is just what is in a backup: a copy that nobody started. */
export async function holdsCopy({ host, as, settings }: Manager, manifest: Manifest): Promise<boolean> {
  const current = await treeIfAny(host, settings.mnesiaDirectory, as);
  return current !== undefined && current.files.length > 0 && isCopy(current.files, manifest);
}

/** Backs up what is in the Mnesia directory now, whatever was backed up before, and notes nothing in the journal. */
export async function copyFiles(manager: Stopped, incident: string): Promise<FileBackup> {
  const { host, as, place, spec, settings } = manager;
  const name = nextName(await publishedBackups(place), `files-${spec.node}`);
  const partial = `${place.directory}/.${name}.partial`;
  const source = settings.mnesiaDirectory;
  const { code, stdout, stderr } = await host.run(
    COPY,
    { source, partial },
    { as, encoding: "latin1", timeoutMs: 900_000 },
  );
  if (code === 4) return { path: undefined, manifest: undefined };
  if (code !== 0)
    throw new Error(
      `${host.label}: ${source} could not be backed up: ${stderr.trim()}. It is untouched. Mend that, then run pulumi up again.`,
    );
  const original = readTree(stdout, "source");
  const copy = readTree(stdout, "copy");
  const differences = treeDifferences(original.files, copy.files);
  if (differences.length > 0)
    throw new Error(
      `${host.label}: the copy of ${source} differs from its source (${differences.slice(0, 3).join("; ")}): is a manager writing there? The source is untouched. Run pulumi up again: it sees who runs, and copies it again.`,
    );
  if (original.files.length === 0) {
    await host.run(REMOVE_DIRECTORY, { path: partial }, { as });
    return { path: undefined, manifest: undefined };
  }
  const manifest: Manifest = {
    ...manifestHead(manager, "files", incident),
    files: original.files.map((file) => ({ ...file, name: `mnesia/${file.name}` })),
    directory: { path: source, mode: original.mode, owner: original.owner },
  };
  await publish(place, partial, `${place.directory}/${name}`, manifest);
  return { path: `${place.directory}/${name}`, manifest };
}
