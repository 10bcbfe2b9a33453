import { whatIs } from "../../../remote/files";
import { type Script, script, type Values } from "../../../remote/script";
import { verifyBackup } from "../../incident/backups/backupPlace";
import { sourceFiles } from "../../incident/backups/fileBackup";
import type { Manifest } from "../../incident/backups/manifest";
import {
  modesOf,
  SET_MODES,
  type TreeFile,
  totalBytes,
  treeDifferences,
  treeIfAny,
} from "../../incident/backups/tree";
import type { Before } from "../../incident/before";
import { entries } from "../../incident/entries";
import type { Noted } from "../../incident/journal";
import type { Incident } from "../../incident/readIncident";
import type { Manager, Stopped } from "../../manager/manager";
import { sentence } from "../../sentence";

/** What of a manager's Mnesia files a rollback must put back, as the journal tells it. */
export interface Original {
  /** The published backup of the files from before; undefined when there were none. */
  backup: string | undefined;
  /** Where the recovery moved the directory itself; undefined when it did not. */
  aside: string | undefined;
}

/** The original files of a manager, when this incident changed or may have changed what is in their place. */
export function originalFiles(journal: Noted, node: string): Original | undefined {
  const cleared = entries.clear(node).begun(journal);
  const backup = entries.files(node).done(journal)?.path;
  if (cleared) return { backup: cleared.backup ?? backup, aside: cleared.aside };
  return backup === undefined ? undefined : { backup, aside: undefined };
}

const SWAP = script("leofs/pair/scripts/swap-directories.sh");
const STAGE = script("leofs/pair/scripts/stage-backup.sh");
const LEAVE = script("leofs/pair/scripts/leave-directory.sh");

/**
 * Puts the Mnesia files of a manager back as they were before the incident: names, bytes, modes, owners. The
 * directory that was moved aside is moved back; where it is not what was backed up any more, or was never moved, the
 * proven backup is put there. What the recovery had put in its place is moved to `<directory>.<incident>.undone`.
 *
 * @returns the evidence, one line each.
 */
export async function returnFiles(
  manager: Stopped,
  incident: Incident,
  original: Original,
  before: Before,
): Promise<string[]> {
  const { host, as, settings } = manager;
  const directory = settings.mnesiaDirectory;
  const undone = `${directory}.${incident.name}.undone`;
  const evidence: string[] = [];
  if (original.backup === undefined) {
    await putBackBy(manager, directory, SWAP, { directory, undone });
    await putBackBy(manager, directory, LEAVE, {
      directory,
      wanted: before.mnesia ? "yes" : "no",
      like: undone,
    });
    evidence.push(`${directory} holds nothing, as before`);
  } else {
    const manifest = await verifyBackup(incident.on(manager), original.backup);
    if (!(await isAsBefore(manager, directory, manifest))) {
      const incoming = await findOrStage(manager, original, manifest, directory);
      await putBackBy(manager, directory, SWAP, { directory, incoming, undone });
      if (!(await isAsBefore(manager, directory, manifest)))
        throw new Error(
          `${host.label}: ${directory} is not what was backed up. The backup ${original.backup} is whole: see what writes there, then run pulumi up again.`,
        );
    }
    const files = manifest.files;
    evidence.push(
      `${directory} holds the ${files.length} files (${totalBytes(files)} bytes) from before, by SHA-256, mode and owner`,
    );
  }
  if ((await whatIs(host, undone, { as })) !== "nothing")
    evidence.push(`what the recovery had put there is kept in ${undone}`);
  return evidence;
}

/** The directory to move into place: the original itself where it is unchanged, else a copy out of the backup. */
async function findOrStage(
  manager: Manager,
  { aside, backup }: Original,
  manifest: Manifest,
  directory: string,
): Promise<string> {
  if (aside && (await isAsBefore(manager, aside, manifest))) return aside;
  const staging = `${directory}.leofs-recovery-returning`;
  await putBackBy(manager, staging, STAGE, { source: `${backup}/mnesia`, staging });
  await putBackBy(manager, staging, SET_MODES, { modes: modesOf(sourceFiles(manifest), staging) });
  await putBackBy(manager, staging, SET_MODES, { modes: `${manifest.directory?.mode ?? "755"} ${staging}` });
  return staging;
}

/** Whether a directory holds the files of a backup, with the modes and owners they had. */
export async function isAsBefore(
  { host, as }: Manager,
  directory: string,
  manifest: Manifest,
): Promise<boolean> {
  const tree = await treeIfAny(host, directory, as);
  if (!tree) return false;
  const wanted = sourceFiles(manifest);
  const rights = ({ mode, owner }: Pick<TreeFile, "mode" | "owner">) => `${mode} ${owner}`;
  const named = new Map(tree.files.map((file) => [file.name, rights(file)]));
  return (
    treeDifferences(wanted, tree.files).length === 0 &&
    wanted.every((file) => named.get(file.name) === rights(file)) &&
    (manifest.directory === undefined || rights(manifest.directory) === rights(tree))
  );
}

async function putBackBy({ host, as }: Manager, what: string, script: Script, values: Values): Promise<void> {
  const { code, stdout, stderr } = await host.run(script, values, { as, timeoutMs: 300_000 });
  if (code !== 0)
    throw new Error(
      `${host.label}: ${what} could not be put back: ${sentence(`${stdout} ${stderr}`.trim() || `exit ${code}`)} Nothing is deleted. Mend that, then run pulumi up again: the rollback goes on.`,
    );
}
