import type { Guard, MnesiaBackupInputs, MnesiaBackupOutputs } from "./mnesiaBackupTypes";

export type { Guard, MnesiaBackupInputs, MnesiaBackupOutputs };

import type * as pulumi from "@pulumi/pulumi";
import type { RecoveryCase } from "../leofs/checks/situation";
import { verifyBackup } from "../leofs/incident/backups/backupPlace";
import type { Choice } from "../leofs/incident/guard";
import { messageOf } from "../remote/errors";
import { copyProblems, fenceProblems, managerProblems } from "./argumentProblems";
import type {
  CommonArgs,
  CopyTargetArgs,
  FenceTargetArgs,
  ManagerTarget,
  ManagerTargetArgs,
} from "./arguments";
import { backupPlan, guardPlan } from "./backupPlan";
import { convergeDump, convergeFiles, GIVEN, targetOf } from "./backupWork";
import type { Handler } from "./handler";
import { LeofsResource } from "./resource";
import { siteOf } from "./session";

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
