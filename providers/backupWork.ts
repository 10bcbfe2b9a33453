import { createHash } from "node:crypto";
import { refusalText } from "../leofs/checks/findings";
import { backupKiB } from "../leofs/checks/pairChecks";
import { judge } from "../leofs/checks/situation";
import type { ManagerView } from "../leofs/checks/view";
import { preparePlace, verifyBackup } from "../leofs/incident/backups/backupPlace";
import { backUpDump, dumpFileOf } from "../leofs/incident/backups/dumpBackup";
import {
  backUpFiles,
  clearMnesia,
  clearStep,
  type FileBackup,
  movedAside,
} from "../leofs/incident/backups/fileBackup";
import { finalDump } from "../leofs/incident/backups/finalDump";
import type { Manifest } from "../leofs/incident/backups/manifest";
import { secondCopyText } from "../leofs/incident/backups/secondCopy";
import { type TreeFile, totalBytes } from "../leofs/incident/backups/tree";
import { noteBefore } from "../leofs/incident/before";
import { stopManager } from "../leofs/incident/control";
import { type Choice, GUARD_STEP } from "../leofs/incident/guard";
import { finish, type Journal, readJournal } from "../leofs/incident/journal";
import { askIfThere, lacking, runs } from "../leofs/manager/ready";
import { schemaInFiles, schemaOfRunning } from "../leofs/manager/schemaName";
import type { Site } from "../leofs/manager/site";
import type { ManagerTarget } from "./arguments";
import { fenceLook, fenceLost } from "./fencing";
import type { Run } from "./handler";
import type { Guard, MnesiaBackupInputs, MnesiaBackupOutputs } from "./mnesiaBackupTypes";
import { holdLock, keepLock, pairLockedByOthers, releaseLock } from "./pairLock";
import { copyFindings, keepCopies, prepareCopies } from "./secondCopies";
import { siteOf, viewOf, workingSiteOf } from "./session";

/** The manager that is backed up: given, or chosen by the guard. */
export const targetOf = (inputs: MnesiaBackupInputs, choice: Choice): ManagerTarget =>
  inputs.manager ?? inputs.guard!.managers[choice.good];

/** The choice of a backup that stands for itself. */
export const GIVEN: Choice = { good: 0, master: 0, why: "given in the program" };

/** Passes the guard, then takes the dump of a running manager or finds this incident's. */
export async function convergeDump(inputs: MnesiaBackupInputs, run: Run): Promise<MnesiaBackupOutputs> {
  if (!inputs.guard) return dumpOnce(inputs, GIVEN, run);
  const { choice, evidence } = await passGuard(inputs, inputs.guard, run);
  const made = await dumpOnce(inputs, choice, run);
  return { ...made, evidence: [...evidence, ...made.evidence] };
}

async function dumpOnce(inputs: MnesiaBackupInputs, choice: Choice, run: Run): Promise<MnesiaBackupOutputs> {
  const target = targetOf(inputs, choice);
  const site = await siteOf(target, inputs);
  const journal = await readJournal(site.place);
  const earlier = journal.done.get("dump")?.path;
  if (typeof earlier === "string") {
    run.progress.step(`verifying the dump taken before: ${earlier}`);
    const manifest = await verifyBackup(site.place, earlier);
    const adopted = outputs(site, choice, earlier, manifest, [
      "adopted: this incident's dump was taken before and is unchanged",
    ]);
    return withCopies(site, adopted, inputs, run);
  }
  const without = await noDumpBecause(site, journal);
  if (without) return outputs(site, choice, "", undefined, [`${without}, so no dump is taken`]);
  run.touching();
  await preparePlace(site.place, target.backupDirectory);
  run.progress.step(`dumping ${target.node}`);
  const { path, manifest } = await backUpDump(site, inputs.incident);
  const rows = Object.values(manifest.tables ?? {}).reduce((sum, table) => sum + table.rows, 0);
  const proof = `${dumpFileOf(path)}: ${Object.keys(manifest.tables ?? {}).length} tables, ${rows} rows, as many as ${target.node} counted before and after`;
  run.progress.note(`dump taken and read back: ${proof}`);
  return withCopies(site, outputs(site, choice, path, manifest, [proof]), inputs, run);
}

/** What was backed up, once it has its second copy where that is wanted. */
async function withCopies(
  site: Site,
  made: MnesiaBackupOutputs,
  inputs: MnesiaBackupInputs,
  run: Run,
): Promise<MnesiaBackupOutputs> {
  const wanted = [made.path, made.finalDump].filter(Boolean);
  const copies = (await keepCopies(site.place, wanted, inputs, run.progress)).map(secondCopyText);
  for (const copy of copies) run.progress.note(`second copy: ${copy}`);
  return {
    ...made,
    secondCopies: copies,
    evidence: [...made.evidence, ...copies.map((copy) => `second copy: ${copy}`)],
  };
}

/** Why there is nothing to dump any more, or not now: its files are backed up, and what is loaded is made of them. */
async function noDumpBecause(site: Site, journal: Journal): Promise<string | undefined> {
  const { node } = site.manager;
  if (journal.begun.has(clearStep(node))) return `the files of ${node} were backed up and cleared before`;
  if (site.facts.beams.length === 0) return `${node} is down and its files are backed up`;
  const missing = lacking(await askIfThere(site), [node]);
  return missing && `${node} ${missing} and its files are backed up`;
}

/**
 * Refuses, or locks the pair, makes its backup directories ready and fences the lost manager: the end of looking, the
 * begin of doing.
 */
async function passGuard(
  inputs: MnesiaBackupInputs,
  guard: Guard,
  run: Run,
): Promise<{ choice: Choice; evidence: string[] }> {
  run.progress.step("checking the preconditions on both hosts");
  await judged(inputs, guard);
  await holdLock(guard.managers, inputs, run.progress);
  // Another recovery may have begun and ended between the look and the lock: only what is seen now counts.
  const { views, choice } = await judged(inputs, guard).catch(async (error) => {
    await releaseLock(guard.managers);
    throw error;
  });
  run.touching();
  await prepareCopies(views[choice.good].site.place, inputs);
  const good = views[choice.good].site;
  const schema = (await schemaOfRunning(good)) ?? (await schemaInFiles(good, good.settings.mnesiaDirectory));
  for (const [index, { site, journal }] of views.entries()) {
    await preparePlace(site.place, guard.managers[index as 0 | 1].backupDirectory);
    await noteBefore(views[index as 0 | 1]);
    if (!journal.done.has(GUARD_STEP)) await finish(site.place, GUARD_STEP, { ...choice, schema });
  }
  const { site, journal } = views[choice.good];
  if (!guard.fence || journal.done.has("proven")) return { choice, evidence: [] };
  const fenced = await fenceLost(site.place, guard.fence, inputs, run.progress);
  run.progress.note(fenced);
  return { choice, evidence: [fenced] };
}

/** Looks at both managers; throws with the reasons when the recovery must not start. */
async function judged(
  inputs: MnesiaBackupInputs,
  { recovery, managers, accept, fence }: Guard,
): Promise<{ views: [ManagerView, ManagerView]; choice: Choice }> {
  const views = await Promise.all([viewOf(managers[0], inputs), viewOf(managers[1], inputs)]);
  // First of all: what a pair shows while another recovery works on it would be misread.
  const locked = await pairLockedByOthers([views[0].site, views[1].site], managers, inputs);
  if (locked) throw locked;
  const { choice, findings } = await judge(recovery, views, accept, inputs.choice);
  findings.push(...(await copyFindings(inputs, backupKiB(views[0]) + backupKiB(views[1]))));
  if (!views[choice.good].journal.done.has("proven"))
    findings.push(...(await fenceLook(fence, inputs)).findings);
  const what = recovery.kind === "takeover" ? "the takeover" : "the in-place recovery";
  const refused = refusalText(`${what} of ${inputs.cluster}`, findings);
  if (refused) throw new Error(refused);
  return { views, choice };
}

/** Backs up the files of a stopped manager, proves and clears them as asked, or finds it done. */
export async function convergeFiles(inputs: MnesiaBackupInputs, run: Run): Promise<MnesiaBackupOutputs> {
  const choice = inputs.choice ?? GIVEN;
  const target = targetOf(inputs, choice);
  const site = await workingSiteOf(target, inputs);
  const { done } = await keepLock(site, target, inputs, run.progress);
  const settled = inputs.settledBy ? done.has(inputs.settledBy) : await movedAside(site);
  run.touching();
  await preparePlace(site.place, target.backupDirectory);
  if (!settled && (await runs(site))) {
    run.progress.step(`${target.node} was started since: stopping it`);
    await stopManager(site.host, target, site.place.directory);
  }
  run.progress.step(`backing up ${site.settings.mnesiaDirectory}`);
  const backup = await backUpFiles(site, inputs.incident, settled);
  const size = totalBytes(backup.manifest?.files ?? []);
  const evidence = [
    backup.path
      ? `${backup.path}: ${backup.manifest!.files.length} files, ${size} bytes, each read back with the SHA-256 of its source`
      : `${site.settings.mnesiaDirectory} holds nothing to back up`,
  ];
  run.progress.note(backup.path ? `Mnesia files backed up: ${evidence[0]}` : evidence[0]!);
  const last = inputs.prove ? await proveLoadable(site, backup, inputs, run) : { path: "", evidence: [] };
  evidence.push(...last.evidence);
  const kept = outputs(site, choice, backup.path ?? "", backup.manifest, evidence);
  const made = await withCopies(site, { ...kept, finalDump: last.path }, inputs, run);
  if (!inputs.clear) return made;
  const movedTo = (await clearMnesia(site, inputs.incident, backup)) ?? "";
  const cleared = movedTo ? `the directory was moved aside to ${movedTo}` : "the directory is empty";
  return { ...made, movedTo, evidence: [...made.evidence, cleared] };
}

/** Proves a backup loadable before its original is touched; the dump from it has every row up to the stop. */
async function proveLoadable(
  site: Site,
  backup: FileBackup,
  inputs: MnesiaBackupInputs,
  run: Run,
): Promise<{ path: string; evidence: string[] }> {
  run.progress.step("proving the backup loadable, dumping its rows");
  const dump = await finalDump(site, backup, inputs.incident);
  if ("problem" in dump) {
    if (inputs.clear && backup.path && !(await readJournal(site.place)).done.has("dump"))
      throw new Error(
        `${site.host.label}: the backup ${backup.path} cannot be loaded (${dump.problem}) and there is no dump: the Mnesia directory is left as it is. Start ${site.manager.node}, then run pulumi up again.`,
      );
    const doubt = `the backup could not be loaded on this host (${dump.problem}); the dump taken before the stop is used`;
    run.progress.note(doubt);
    return { path: "", evidence: [doubt] };
  }
  const rows = Object.values(dump.manifest.tables ?? {}).reduce((sum, table) => sum + table.rows, 0);
  return { path: dump.path, evidence: [`proven loadable: ${rows} rows, up to the stop, in ${dump.path}`] };
}

function digestOf(files: readonly TreeFile[]): string {
  if (files.length === 0) return "";
  const lines = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

function outputs(
  site: Site,
  choice: Choice,
  path: string,
  manifest: Manifest | undefined,
  evidence: string[],
): MnesiaBackupOutputs {
  const files = manifest?.files ?? [];
  const tables = Object.entries(manifest?.tables ?? {});
  return {
    path,
    node: site.manager.node,
    bytes: totalBytes(files),
    sha256: Object.fromEntries(files.map((file) => [file.name, file.sha256])),
    digest: digestOf(files),
    rows: Object.fromEntries(tables.map(([name, { rows }]) => [name, rows])),
    movedTo: "",
    finalDump: "",
    secondCopies: [],
    choice,
    evidence,
  };
}
