import type * as pulumi from "@pulumi/pulumi";
import { verifyBackup } from "../leofs/incident/backups/backupPlace";
import { dumpFileOf } from "../leofs/incident/backups/dumpBackup";
import { backUpFiles, holdsCopy } from "../leofs/incident/backups/fileBackup";
import type { Manifest } from "../leofs/incident/backups/manifest";
import { restoredBefore, restoreFiles } from "../leofs/incident/backups/restoreFiles";
import { refuseOtherTables } from "../leofs/incident/backups/tablesReplaced";
import { totalBytes } from "../leofs/incident/backups/tree";
import { entries } from "../leofs/incident/entries";
import type { Incident } from "../leofs/incident/readIncident";
import { surprises } from "../leofs/incident/surprises";
import type { Manager, Stopped } from "../leofs/manager/manager";
import { stopped } from "../leofs/manager/proven";
import { importDump } from "../leofs/pair/importDump";
import { clearOutdatedCopy } from "../leofs/pair/staleCopy";
import { unseen } from "../leofs/planLine";
import { copyProblems, managerProblems } from "./argumentProblems";
import type {
  CommonArgs,
  CopyTargetArgs,
  FenceTarget,
  FenceTargetArgs,
  ManagerTarget,
  ManagerTargetArgs,
  OnFailure,
} from "./arguments";
import { type Handler, hasUnknown, type Run } from "./handler";
import { holdLock } from "./pairLock";
import { replicaInto, replicaPlan } from "./replicaImport";
import { LeofsResource } from "./resource";
import { orRollBack } from "./rollbackOnFailure";
import { type Copying, keepCopies } from "./secondCopies";
import type { Session } from "./session";
import { startedPair } from "./startedPair";

/** Inputs of `MnesiaImport` as its provider gets them. */
export interface MnesiaImportInputs extends Copying {
  /**
   * `dump`: load a dump into a running pair. `files`: put a donor's files into a stopped manager's directory. `replica`:
   * make a stopped manager with an empty directory a replica of the one that serves.
   */
  kind: "dump" | "files" | "replica";
  /** Where the backup lies: the survivor (dump) or the donor (files); the manager that serves (replica). */
  from: ManagerTarget;
  /** The other manager: the replacement (dump), or the one whose directory is filled (files, replica). */
  to: ManagerTarget;
  /** Directory of the backup on the host of `from`, as `MnesiaBackup` published it; nothing for a replica. */
  path: string;
  /** `replica` only: the manager whose place `to` takes, to be forgotten. Default: none. */
  lost?: string | undefined;
  /** `replica` only: `lost` is alive and moves. It is stopped, and fenced, once every table is copied. Default false. */
  moves?: boolean | undefined;
  /** What happens when the data cannot be put back. Default `stop`. */
  onFailure?: OnFailure;
  /** The lost manager, whose fence a rollback lifts (`onFailure`). Default: it was not fenced. */
  fence?: FenceTarget | undefined;
}

/** Outputs of `MnesiaImport`. */
export interface MnesiaImportOutputs {
  tables: number;
  rows: number;
  /** Rows of LeoFS's fresh tables that were removed again. */
  removed: string[];
  evidence: string[];
}

export const mnesiaImport = (session: Session): Handler<MnesiaImportInputs, MnesiaImportOutputs> => ({
  problems({ kind, from, to, path, copyTo }) {
    const problems = ["dump", "files", "replica"].includes(kind)
      ? []
      : [`kind is "dump", "files" or "replica", not ${JSON.stringify(kind)}`];
    // A failed earlier resource leaves its outputs out altogether when the engine continues on error.
    const later = kind === "replica" || path === undefined || hasUnknown(path);
    if (!later && !(typeof path === "string" && path.startsWith("/")))
      problems.push("path is not the directory of a backup");
    if (copyTo) problems.push(...copyProblems("copyTo", copyTo));
    return [...problems, ...managerProblems("from", from), ...managerProblems("to", to)];
  },

  later: ["path"],

  identity: ({ kind, from, to }) => ({ kind, from: from.node, to: to.node }),

  async look(inputs) {
    const { kind, from, to } = inputs;
    if (kind === "replica") return { plan: await replicaPlan(session, inputs) };
    const seen = await session.glance(kind === "dump" ? from : to, inputs);
    if ("problem" in seen) return { plan: [unseen(kind === "dump" ? from.node : to.node, seen.problem)] };
    const { journal } = seen.seen;
    if (kind === "dump") {
      if (entries.load.isDone(journal)) return { plan: [] };
      return {
        ready: await startedPair(session, [from, to], inputs),
        plan: [
          `wait until ${from.node} and ${to.node} hold every table on disc (4 to 10 s; a slave that gives up is started again)`,
          `load the dump once, on ${from.node}; it is replicated to ${to.node}`,
          "compare every row of both managers with the dump",
          "  remove what LeoFS's fresh tables brought back (_test_leofs with its public key, default endpoints) where the dump does not have it",
        ],
      };
    }
    if (entries.restore(to.node).isDone(journal)) return { plan: [] };
    return {
      plan: [
        `out of the proven backup of ${from.node}, compared by SHA-256`,
        `  put the files of ${from.node}, out of their proven backup, into ${seen.seen.mnesia.path}`,
        `  on ${seen.seen.manager.host.label}: staged beside it, compared by SHA-256, renamed into place`,
      ],
    };
  },

  async converge(inputs, run) {
    await holdLock(session, [inputs.from, inputs.to], inputs, run.progress);
    run.touching();
    const kinds = { dump: loadInto, files: copyInto, replica: replicaInto };
    return orRollBack(session, inputs, [inputs.from, inputs.to], run, () =>
      kinds[inputs.kind](session, inputs, run),
    );
  },

  /** What was imported is proven by the registration's refresh; an import cannot drift by itself. */
  observe: async () => ({}),
  drifted: () => false,
});

async function loadInto(
  session: Session,
  inputs: MnesiaImportInputs,
  run: Run,
): Promise<MnesiaImportOutputs> {
  const { managers, incident } = await session.openForWork([inputs.from, inputs.to], inputs);
  const [from, to] = managers;
  const pair = from.settings.role === "master" ? { master: from, slave: to } : { master: to, slave: from };
  await verifyBackup(incident.on(from), inputs.path);
  const result = await importDump(pair, from, incident, dumpFileOf(inputs.path), run.progress.step);
  run.progress.note(result.evidence[0] ?? "");
  return result;
}

async function copyInto(
  session: Session,
  inputs: MnesiaImportInputs,
  run: Run,
): Promise<MnesiaImportOutputs> {
  const { to } = inputs;
  const { managers, incident } = await session.openForWork([inputs.from, to], inputs);
  const [donor, damaged] = managers;
  const restored = restoredBefore(damaged, incident);
  // Once it was given its files it may run again.
  const down = restored
    ? undefined
    : await stopped(damaged, incident.on(damaged).noting, (node) =>
        run.progress.step(`${node} was started since: stopping it`),
      );
  const backup = await freshBackup(session, donor, damaged, incident, inputs, run);
  const evidence = down ? await giveFiles(session, donor, down, incident, backup, run) : (restored ?? []);
  run.progress.note(evidence[0] ?? "");
  return { tables: 0, rows: 0, removed: [], evidence };
}

async function giveFiles(
  session: Session,
  donor: Manager,
  damaged: Stopped,
  incident: Incident,
  backup: { path: string; manifest: Manifest },
  run: Run,
): Promise<string[]> {
  const outdated = await clearOutdatedCopy(damaged, { donor, ...backup }, incident);
  if (outdated) run.progress.note(outdated);
  const { files } = backup.manifest;
  run.progress.step(`copying ${files.length} files, ${totalBytes(files)} bytes, to ${damaged.host.label}`);
  return restoreFiles(damaged, donor, incident, backup, session.surroundings.copyTree);
}

/**
 * The donor's backup as long as it is still what the donor has. A donor that was started by hand meanwhile has
 * newer rows: it is stopped and backed up again.
 */
async function freshBackup(
  session: Session,
  donor: Manager,
  damaged: Manager,
  incident: Incident,
  inputs: MnesiaImportInputs,
  run: Run,
): Promise<{ path: string; manifest: Manifest }> {
  const { path } = inputs;
  const journal = incident.on(donor);
  const given = await givenStill(donor, damaged, incident);
  if (given) return given;
  const down = await stopped(donor, journal.noting, (node) =>
    run.progress.step(`the donor ${node} was started since: stopping it and backing it up again`),
  );
  const backup = await backUpFiles(down, incident);
  const current = backup.path ?? path;
  // A donor whose directory was emptied by hand must not be started beside the copy of what it had.
  if (backup.path !== path) {
    await refuseOtherTables(donor, backup, journal);
    await keepCopies(session, journal, [current], inputs, run.progress);
  }
  return { path: current, manifest: backup.manifest ?? (await verifyBackup(journal, current)) };
}

/**
 * The backup that the damaged manager was given: valid while both journals record it, or the copy is unchanged on disc.
 * When that was not noted and the copy was started since, the donor has run beside it, and has newer rows.
 */
async function givenStill(
  donor: Manager,
  damaged: Manager,
  incident: Incident,
): Promise<{ path: string; manifest: Manifest } | undefined> {
  const path = entries.given(damaged.spec.node).done(incident.on(donor))?.path;
  if (path === undefined) return undefined;
  const manifest = await verifyBackup(incident.on(donor), path);
  const of = { journal: incident.on(damaged), node: damaged.spec.node };
  // Nobody looks at a copy that was noted.
  const copyUnchanged =
    !surprises.copyStarted(of, { copyUnchanged: false }) || (await holdsCopy(damaged, manifest));
  return surprises.copyStarted(of, { copyUnchanged }) ? undefined : { path, manifest };
}

/** Arguments of `MnesiaImport`. */
export interface MnesiaImportArgs extends CommonArgs {
  kind: "dump" | "files" | "replica";
  /** Where the backup lies: the survivor (dump) or the donor (files); the manager that serves (replica). */
  from: ManagerTargetArgs;
  /** The replacement (dump), or the manager whose directory is filled (files, replica). */
  to: ManagerTargetArgs;
  /** `replica` only: the manager whose place `to` takes, to be forgotten. Default: none. */
  lost?: pulumi.Input<string> | undefined;
  /** `replica` only: `lost` is alive and moves. It is stopped, and fenced, once every table is copied. Default false. */
  moves?: pulumi.Input<boolean> | undefined;
  /** Directory of the backup on the host of `from`. */
  path: pulumi.Input<string>;
  /** `rollback` puts both managers back as they were when this fails. Default `stop`. */
  onFailure?: pulumi.Input<OnFailure>;
  /** Where a second copy goes of a backup that is made again, because the donor ran meanwhile. Default: none. */
  copyTo?: CopyTargetArgs | undefined;
  /** The lost manager, whose fence a rollback lifts (`onFailure`). Default: it was not fenced. */
  fence?: FenceTargetArgs | undefined;
}

/**
 * Puts data back: a dump into a running, fresh pair, a donor's files into a stopped manager's empty
 * directory, or a replica of the serving manager's tables there. Waits for evidence, does it once an incident, and judges by comparing rows and hashes, never by an
 * exit code (`load-mnesia-data` exits 1 when it worked).
 */
export class MnesiaImport extends LeofsResource {
  declare readonly tables: pulumi.Output<number>;
  declare readonly rows: pulumi.Output<number>;
  declare readonly removed: pulumi.Output<string[]>;

  constructor(name: string, args: MnesiaImportArgs, opts?: pulumi.CustomResourceOptions) {
    super("MnesiaImport", "mnesiaImport", name, { ...args }, ["tables", "rows", "removed"], opts);
  }
}
