import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { preparePlace, verifyBackup } from "../leofs/backup/backupPlace";
import { backUpDump, dumpFileOf } from "../leofs/backup/dumpBackup";
import { backUpFiles, clearMnesia, type FileBackup } from "../leofs/backup/fileBackup";
import { finalDump } from "../leofs/backup/finalDump";
import { type TreeFile, totalBytes } from "../leofs/backup/tree";
import { finish, readJournal } from "../leofs/look/journal";
import type { Site } from "../leofs/look/site";
import { refusalText } from "../leofs/preconditions/findings";
import { type Choice, GUARD_STEP, judge, type RecoveryCase } from "../leofs/preconditions/situation";
import { stopManager } from "../leofs/steps/control";
import { runs } from "../leofs/steps/pair";
import { messageOf } from "../remote/errors";
import { managerProblems } from "./argumentProblems";
import type { Common, CommonArgs, ManagerTarget, ManagerTargetArgs } from "./arguments";
import { backupPlan, guardPlan } from "./backupPlan";
import type { Handler, Run } from "./handler";
import { holdLock } from "./pairLock";
import { LeofsResource } from "./resource";
import { siteOf, viewOf } from "./session";

/** Preconditions of a whole recovery, checked before its first change by the backup that is its first step. */
export interface Guard {
  recovery: RecoveryCase;
  /** `[survivor, replacement]`, or the two managers of an in-place recovery in any order. */
  managers: [ManagerTarget, ManagerTarget];
  /** Refusals that the operator accepts by name. */
  accept: string[];
}

/** Inputs of `MnesiaBackup` as its provider gets them. */
export interface MnesiaBackupInputs extends Common {
  /** `dump`: a text dump from a running manager. `files`: the Mnesia files of a stopped one. */
  kind: "dump" | "files";
  /** The manager. With a guard it may be left out: the guard chooses the one with the good data. */
  manager?: ManagerTarget;
  /** `files` only: move the directory aside, to a dated name, once its backup is proven. Default false. */
  clear?: boolean;
  /** `files` only: journal entry after which the manager runs again and is left alone. Default: it was cleared. */
  settledBy?: string;
  /** `files` only: prove the backup loadable and take the final dump from it. Default false. */
  prove?: boolean;
  guard?: Guard;
  /** What the guard decided; made by the look in preview. */
  choice?: Choice;
}

/** Outputs of `MnesiaBackup`. */
export interface MnesiaBackupOutputs {
  /** Directory of the published backup; empty when there was nothing to back up. */
  path: string;
  /** Node the backup was taken of. */
  node: string;
  bytes: number;
  /** SHA-256 by file name. */
  sha256: Record<string, string>;
  /** SHA-256 over the lines that `sha256sum` prints for these files, by name; empty without files. */
  digest: string;
  /** Rows by table (dump). */
  rows: Record<string, number>;
  /** Where the Mnesia directory was moved to (`clear`); empty when it was not. */
  movedTo: string;
  /** Directory of the dump made from the backed up files (`prove`); empty when there is none. */
  finalDump: string;
  choice: Choice;
  evidence: string[];
}

const targetOf = (inputs: MnesiaBackupInputs, choice: Choice): ManagerTarget =>
  inputs.manager ?? inputs.guard!.managers[choice.good];

const GIVEN: Choice = { good: 0, master: 0, why: "given in the program" };

export const mnesiaBackup: Handler<MnesiaBackupInputs, MnesiaBackupOutputs> = {
  problems({ kind, manager, guard, clear }) {
    const problems =
      kind === "dump" || kind === "files" ? [] : [`kind is "dump" or "files", not ${JSON.stringify(kind)}`];
    if (kind === "dump" && clear)
      problems.push("clear goes with kind files: a dump is taken of a running manager");
    if (!manager && !guard) problems.push("manager is missing");
    if (manager) problems.push(...managerProblems("manager", manager));
    for (const [index, one] of (guard?.managers ?? []).entries())
      problems.push(...managerProblems(`guard.managers[${index}]`, one));
    return problems;
  },

  later: [],

  identity({ kind, manager, guard }) {
    const who = ({ node, home, backupDirectory }: ManagerTarget) => [node, home, backupDirectory];
    return {
      kind,
      manager: manager && who(manager),
      managers: guard?.managers.map(who),
      recovery: guard?.recovery,
    };
  },

  async look(inputs, before) {
    const kept = before?.incident === inputs.incident ? before.choice : undefined;
    if (inputs.guard) return guardPlan(inputs, inputs.guard, kept);
    return {
      plan: await backupPlan(inputs, targetOf(inputs, GIVEN)),
      computed: { choice: inputs.choice ?? GIVEN },
    };
  },

  async converge(inputs, run) {
    return inputs.kind === "dump" ? convergeDump(inputs, run) : convergeFiles(inputs, run);
  },

  /** Sees whether the published backup is still what was written; what happened to it cannot be mended. */
  async observe(state) {
    if (state.path === "") return {};
    const site = await siteOf(targetOf(state, state.choice), state);
    try {
      await verifyBackup(site.place, state.path);
      return {};
    } catch (error) {
      return { evidence: [`NO LONGER WHAT WAS WRITTEN: ${messageOf(error)}`] };
    }
  },

  drifted: () => false,
};

async function convergeDump(inputs: MnesiaBackupInputs, run: Run): Promise<MnesiaBackupOutputs> {
  const choice = inputs.guard ? await passGuard(inputs, inputs.guard, run) : GIVEN;
  const target = targetOf(inputs, choice);
  const site = await siteOf(target, inputs);
  const journal = await readJournal(site.place);
  const earlier = journal.done.get("dump")?.path;
  if (typeof earlier === "string") {
    run.progress.step(`verifying the dump taken before: ${earlier}`);
    const manifest = await verifyBackup(site.place, earlier);
    return outputs(site, choice, earlier, manifest, [
      "adopted: this incident's dump was taken before and is unchanged",
    ]);
  }
  if (site.facts.beams.length === 0) {
    const why = `${target.node} is down, so no dump could be taken; its files are backed up`;
    return outputs(site, choice, "", undefined, [why]);
  }
  run.touching();
  await preparePlace(site.place, target.backupDirectory);
  run.progress.step(`dumping ${target.node}`);
  const { path, manifest } = await backUpDump(site, inputs.incident);
  const rows = Object.values(manifest.tables ?? {}).reduce((sum, table) => sum + table.rows, 0);
  const proof = `${dumpFileOf(path)}: ${Object.keys(manifest.tables ?? {}).length} tables, ${rows} rows, as many as ${target.node} counted before and after`;
  run.progress.note(`dump taken and read back: ${proof}`);
  return outputs(site, choice, path, manifest, [proof]);
}

/** Refuses, or locks the pair and makes its backup directories ready: the end of looking, the begin of doing. */
async function passGuard(inputs: MnesiaBackupInputs, guard: Guard, run: Run): Promise<Choice> {
  run.progress.step("checking the preconditions on both hosts");
  const [one, other] = guard.managers;
  const views = await Promise.all([viewOf(one, inputs), viewOf(other, inputs)]);
  const { choice, findings } = await judge(guard.recovery, views, guard.accept, inputs.choice);
  const what = guard.recovery.kind === "takeover" ? "the takeover" : "the in-place recovery";
  const refused = refusalText(`${what} of ${inputs.cluster}`, findings);
  if (refused) throw new Error(refused);
  await holdLock(guard.managers, inputs, run.progress);
  run.touching();
  for (const [index, { site, journal }] of views.entries()) {
    await preparePlace(site.place, guard.managers[index as 0 | 1].backupDirectory);
    if (!journal.done.has(GUARD_STEP)) await finish(site.place, GUARD_STEP, { ...choice });
  }
  return choice;
}

async function convergeFiles(inputs: MnesiaBackupInputs, run: Run): Promise<MnesiaBackupOutputs> {
  const choice = inputs.choice ?? GIVEN;
  const target = targetOf(inputs, choice);
  const site = await siteOf(target, inputs);
  const { done } = await readJournal(site.place);
  const settled = done.has(inputs.settledBy || `clear.${target.node}`);
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
  let movedTo = "";
  if (inputs.clear) {
    movedTo = (await clearMnesia(site, inputs.incident, backup)) ?? "";
    evidence.push(movedTo ? `the directory was moved aside to ${movedTo}` : "the directory is empty");
  }
  return {
    ...outputs(site, choice, backup.path ?? "", backup.manifest, evidence),
    movedTo,
    finalDump: last.path,
  };
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
  manifest: Awaited<ReturnType<typeof verifyBackup>> | undefined,
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
    choice,
    evidence,
  };
}

/** Arguments of `MnesiaBackup`. */
export interface MnesiaBackupArgs extends CommonArgs {
  /** `dump`: a text dump from a running manager. `files`: the Mnesia files of a stopped one. */
  kind: "dump" | "files";
  /** The manager; with a guard it may be left out. */
  manager?: ManagerTargetArgs;
  /** `files` only: move the Mnesia directory aside once its backup is proven. Default false. */
  clear?: boolean;
  /** `files` only: journal entry after which the manager runs again and is left alone. Default: it was cleared. */
  settledBy?: pulumi.Input<string>;
  /** `files` only: prove the backup loadable and take the final dump from it. Default false. */
  prove?: boolean;
  /** Preconditions of a whole recovery, refused before its first change. */
  guard?: {
    recovery: pulumi.Input<RecoveryCase>;
    managers: [ManagerTargetArgs, ManagerTargetArgs];
    accept?: pulumi.Input<string[]>;
  };
  /** Decided by an earlier backup's guard. */
  choice?: pulumi.Input<Choice>;
}

/**
 * Takes a dump from a running manager, or the Mnesia files of a stopped one, into the backup directory of its
 * host: under a new name, synced, read back and compared, published by one rename with its manifest. It never
 * overwrites and never deletes a backup; run again for the same incident it finds what it made.
 */
export class MnesiaBackup extends LeofsResource {
  declare readonly path: pulumi.Output<string>;
  declare readonly node: pulumi.Output<string>;
  declare readonly bytes: pulumi.Output<number>;
  declare readonly sha256: pulumi.Output<Record<string, string>>;
  declare readonly digest: pulumi.Output<string>;
  declare readonly rows: pulumi.Output<Record<string, number>>;
  declare readonly movedTo: pulumi.Output<string>;
  declare readonly finalDump: pulumi.Output<string>;
  /** Which manager has the good data and which is the master; known in preview. */
  declare readonly choice: pulumi.Output<Choice>;

  constructor(name: string, args: MnesiaBackupArgs, opts?: pulumi.CustomResourceOptions) {
    const guard = args.guard && { ...args.guard, accept: args.guard.accept ?? [] };
    const known = ["path", "node", "bytes", "sha256", "digest", "rows", "movedTo", "finalDump", "choice"];
    super("MnesiaBackup", "mnesiaBackup", name, { ...args, guard }, known, opts);
  }
}
