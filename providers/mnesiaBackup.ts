import type * as pulumi from "@pulumi/pulumi";
import { verifyBackup } from "../leofs/incident/backups/backupPlace";
import { entries } from "../leofs/incident/entries";
import { isSettled } from "../leofs/incident/incident";
import { messageOf } from "../remote/errors";
import { dumpOfRunning } from "./backup/dumpOfRunning";
import { filesOfStopped } from "./backup/filesOfStopped";
import { goneBackups } from "./backup/goneBackups";
import type { MnesiaBackupInputs, MnesiaBackupOutputs } from "./backup/mnesiaBackupTypes";
import { rowsOfBackup } from "./backup/rowsOfBackup";
import { withoutCopy } from "./backup/secondCopies";
import type { Handler } from "./contract/handler";
import { LeofsResource } from "./contract/resource";
import type { Session } from "./session/session";
import { forgottenSince, underWay } from "./session/underWay";
import { copyProblems, managerProblems } from "./targets/argumentProblems";
import type { CommonArgs, CopyTargetArgs, ManagerTargetArgs } from "./targets/arguments";

const KINDS = { dump: dumpOfRunning, files: filesOfStopped, rows: rowsOfBackup };

/** How the names begin of the backups that a resource makes. */
const namesOf = ({ kind, prove }: MnesiaBackupInputs): string[] =>
  ({ dump: ["dump-"], files: prove ? ["files-", "final-"] : ["files-"], rows: ["final-"] })[kind];

export const mnesiaBackup = (session: Session): Handler<MnesiaBackupInputs, MnesiaBackupOutputs> => ({
  problems({ kind, manager, clear, copyTo }) {
    const problems = Object.hasOwn(KINDS, kind)
      ? []
      : [`kind is "dump", "files" or "rows", not ${JSON.stringify(kind)}`];
    if (kind !== "files" && clear) problems.push("clear goes with kind files: a dump leaves the files alone");
    problems.push(...managerProblems("manager", manager));
    if (copyTo) problems.push(...copyProblems(copyTo));
    return problems;
  },

  later: [],

  identity: ({ kind, manager: { node, home, backupDirectory } }) => ({
    kind,
    manager: [node, home, backupDirectory],
  }),

  async look(inputs, before) {
    const made = before?.incident === inputs.incident;
    return {
      ready: inputs.kind === "files" && (await isDown(session, inputs)),
      plan: await KINDS[inputs.kind].plan(session, inputs),
      notSo: made ? [...(await filesForgotten(session, inputs)), ...(await uncopied(session, inputs))] : [],
      warnings: made ? await goneBackups(session, inputs.manager, inputs, namesOf(inputs)) : [],
    };
  },

  converge: (inputs, run) => KINDS[inputs.kind].converge(session, inputs, run),

  /** Sees whether the published backup is still what was written; what happened to it cannot be mended. */
  async observe(state, progress) {
    if (state.path === "") return {};
    await session.mustReach(state.manager);
    const { managers, incident } = await session.open([state.manager], state);
    try {
      await verifyBackup(incident.on(managers[0]), state.path);
      return {};
    } catch (error) {
      await progress.warn(`NOT SO ANY MORE: ${messageOf(error)}`);
      return { evidence: [`NOT SO ANY MORE: ${messageOf(error)}`] };
    }
  },

  drifted: () => false,
});

/** Of a dump, and of rows, there may be none. */
async function filesForgotten(session: Session, inputs: MnesiaBackupInputs): Promise<string[]> {
  const { kind, clear, manager: target } = inputs;
  if (kind !== "files") return [];
  const entry = (clear ? entries.clear : entries.files)(target.node);
  return forgottenSince(
    session,
    target,
    inputs,
    (journal) => entry.isDone(journal) || isSettled({ journal, node: target.node }, false),
  );
}

/** Backups that were made before `copyTo` was in the settings, or named another place. */
async function uncopied(session: Session, inputs: MnesiaBackupInputs): Promise<string[]> {
  const { manager: target, copyTo } = inputs;
  const seen = copyTo && (await underWay(session, target, inputs));
  return seen ? withoutCopy(session, seen.journal, namesOf(inputs), inputs) : [];
}

async function isDown(session: Session, inputs: MnesiaBackupInputs): Promise<boolean> {
  const look = await session.glance(inputs.manager, inputs);
  return "seen" in look && look.seen.manager.facts.beams.length === 0;
}

/** Arguments of `MnesiaBackup`. */
export interface MnesiaBackupArgs extends CommonArgs {
  /**
   * `dump`: a text dump from a running manager. `files`: the Mnesia files of a stopped one. `rows`: a text dump of what is in
   * the files that this incident backed up.
   */
  kind: "dump" | "files" | "rows";
  manager: ManagerTargetArgs;
  /** `files` only: move the Mnesia directory aside once its backup is proven. Default false. */
  clear?: boolean;
  /** `files` only: prove the backup loadable and take the final dump from it. Default false. */
  prove?: boolean;
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

  constructor(name: string, args: MnesiaBackupArgs, opts?: pulumi.CustomResourceOptions) {
    const made = ["path", "node", "bytes", "sha256", "digest", "rows", "movedTo", "finalDump"];
    super("MnesiaBackup", "mnesiaBackup", name, { ...args }, [...made, "secondCopies"], opts);
  }
}
