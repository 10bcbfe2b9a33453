import type { PlanLine } from "../../leofs/planLine";
import type { Copying } from "../backup/secondCopies";
import type { Run } from "../contract/handler";
import type { Session } from "../session/session";
import type { FenceTarget, ManagerTarget, OnFailure } from "../targets/arguments";

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

/** One kind of import. */
export interface ImportKind {
  /** What would be done, as seen from the live host; an empty plan once it is done. */
  look(session: Session, inputs: MnesiaImportInputs): Promise<{ plan: PlanLine[]; ready?: boolean }>;
  /** Puts the data back, or finds it there. */
  converge(session: Session, inputs: MnesiaImportInputs, run: Run): Promise<MnesiaImportOutputs>;
}
