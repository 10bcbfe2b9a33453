import type * as pulumi from "@pulumi/pulumi";
import { entries } from "../leofs/incident/entries";
import type { Noted } from "../leofs/incident/journal";
import type { Handler } from "./contract/handler";
import { LeofsResource } from "./contract/resource";
import { hasUnknown } from "./contract/unknown";
import { dumpImport } from "./import/dumpImport";
import { filesImport } from "./import/filesImport";
import type { MnesiaImportInputs, MnesiaImportOutputs } from "./import/mnesiaImportTypes";
import { replicaImport } from "./import/replicaImport";
import { orRollBack } from "./rollback/rollbackOnFailure";
import { holdLock } from "./session/pairLock";
import type { Session } from "./session/session";
import { forgottenSince } from "./session/underWay";
import { copyProblems, managerProblems } from "./targets/argumentProblems";
import type {
  CommonArgs,
  CopyTargetArgs,
  FenceTargetArgs,
  ManagerTargetArgs,
  OnFailure,
} from "./targets/arguments";

/** On whose host an import is noted, and how. */
function notedAs({ kind, from, to }: MnesiaImportInputs) {
  if (kind === "dump") return [from, entries.load] as const;
  return [to, (kind === "files" ? entries.restore : entries.replica)(to.node)] as const;
}

const KINDS = { dump: dumpImport, files: filesImport, replica: replicaImport };

export const mnesiaImport = (session: Session): Handler<MnesiaImportInputs, MnesiaImportOutputs> => ({
  problems({ kind, from, to, path, copyTo }) {
    const problems = Object.hasOwn(KINDS, kind)
      ? []
      : [`kind is "dump", "files" or "replica", not ${JSON.stringify(kind)}`];
    // A failed earlier resource leaves its outputs out altogether when the engine continues on error.
    const later = kind === "replica" || path === undefined || hasUnknown(path);
    if (!later && !(typeof path === "string" && path.startsWith("/")))
      problems.push("path is not the directory of a backup");
    if (copyTo) problems.push(...copyProblems(copyTo));
    return [...problems, ...managerProblems("from", from), ...managerProblems("to", to)];
  },

  later: ["path"],

  identity: ({ kind, from, to }) => ({ kind, from: from.node, to: to.node }),

  async look(inputs, before) {
    const made = before?.incident === inputs.incident;
    const [at, entry] = notedAs(inputs);
    const isNoted = (journal: Noted) => entry.isDone(journal);
    const notSo = made ? await forgottenSince(session, at, inputs, isNoted) : [];
    return { ...(await KINDS[inputs.kind].look(session, inputs)), notSo };
  },

  async converge(inputs, run) {
    await holdLock(session, [inputs.from, inputs.to], inputs, run.progress);
    run.touching();
    return orRollBack(session, inputs, [inputs.from, inputs.to], run, () =>
      KINDS[inputs.kind].converge(session, inputs, run),
    );
  },

  /** What was imported is proven by the registration's refresh; an import cannot drift by itself. */
  observe: async () => ({}),
  drifted: () => false,
});

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
 * directory, or a replica of the serving manager's tables there. Waits for evidence, does it once an incident, and
 * judges by comparing rows and hashes, never by an exit code (`load-mnesia-data` exits 1 when it worked).
 */
export class MnesiaImport extends LeofsResource {
  declare readonly tables: pulumi.Output<number>;
  declare readonly rows: pulumi.Output<number>;
  declare readonly removed: pulumi.Output<string[]>;

  constructor(name: string, args: MnesiaImportArgs, opts?: pulumi.CustomResourceOptions) {
    super("MnesiaImport", "mnesiaImport", name, { ...args }, ["tables", "rows", "removed"], opts);
  }
}
