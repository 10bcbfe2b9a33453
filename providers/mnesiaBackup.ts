import type * as pulumi from "@pulumi/pulumi";
import { verifyBackup } from "../leofs/backup/backupPlace";
import type { Choice, RecoveryCase } from "../leofs/preconditions/situation";
import { messageOf } from "../remote/errors";
import { copyProblems, fenceProblems, managerProblems } from "./argumentProblems";
import type {
  CommonArgs,
  CopyTargetArgs,
  FenceTarget,
  FenceTargetArgs,
  ManagerTarget,
  ManagerTargetArgs,
} from "./arguments";
import { backupPlan, guardPlan } from "./backupPlan";
import { convergeDump, convergeFiles, GIVEN, targetOf } from "./backupWork";
import type { Handler } from "./handler";
import { LeofsResource } from "./resource";
import type { Copying } from "./secondCopies";
import { siteOf } from "./session";

/** Preconditions of a whole recovery, checked before its first change by the backup that is its first step. */
export interface Guard {
  recovery: RecoveryCase;
  /** `[survivor, replacement]`, or the two managers of an in-place recovery in any order. */
  managers: [ManagerTarget, ManagerTarget];
  /** Refusals that the operator accepts by name. */
  accept: string[];
  /** The lost manager (takeover), kept from starting before the first change. Default: it is not fenced. */
  fence?: FenceTarget | undefined;
}

/** Inputs of `MnesiaBackup` as its provider gets them. */
export interface MnesiaBackupInputs extends Copying {
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
  /** Second copies that were made or verified (`copyTo`): where each is, and how that was seen. */
  secondCopies: string[];
  choice: Choice;
  evidence: string[];
}

export const mnesiaBackup: Handler<MnesiaBackupInputs, MnesiaBackupOutputs> = {
  problems({ kind, manager, guard, clear, copyTo }) {
    const problems =
      kind === "dump" || kind === "files" ? [] : [`kind is "dump" or "files", not ${JSON.stringify(kind)}`];
    if (kind === "dump" && clear)
      problems.push("clear goes with kind files: a dump is taken of a running manager");
    if (!manager && !guard) problems.push("manager is missing");
    if (manager) problems.push(...managerProblems("manager", manager));
    for (const [index, one] of (guard?.managers ?? []).entries())
      problems.push(...managerProblems(`guard.managers[${index}]`, one));
    if (guard?.fence) problems.push(...fenceProblems("guard.fence", guard.fence));
    if (copyTo) problems.push(...copyProblems("copyTo", copyTo));
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
    const earlier = before?.incident === inputs.incident ? before.choice : undefined;
    const kept = earlier?.guess ? undefined : earlier;
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
    fence?: FenceTargetArgs | undefined;
  };
  /** Decided by an earlier backup's guard. */
  choice?: pulumi.Input<Choice>;
  /** Where a second copy of the backup goes, on another host. Default: none is made. */
  copyTo?: CopyTargetArgs | undefined;
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
  declare readonly secondCopies: pulumi.Output<string[]>;
  /** Which manager has the good data and which is the master; known in preview. */
  declare readonly choice: pulumi.Output<Choice>;

  constructor(name: string, args: MnesiaBackupArgs, opts?: pulumi.CustomResourceOptions) {
    const guard = args.guard && { ...args.guard, accept: args.guard.accept ?? [] };
    const made = ["path", "node", "bytes", "sha256", "digest", "rows", "movedTo", "finalDump"];
    const known = [...made, "secondCopies", "choice"];
    super("MnesiaBackup", "mnesiaBackup", name, { ...args, guard }, known, opts);
  }
}
