import type { PlanLine } from "../../leofs/planLine";
import type { Run } from "../contract/handler";
import type { Session } from "../session/session";
import type { ManagerTarget } from "../targets/arguments";
import type { Copying } from "./secondCopies";

/** Inputs of `MnesiaBackup` as its provider gets them. */
export interface MnesiaBackupInputs extends Copying {
  /**
   * `dump`: a text dump from a running manager. `files`: the Mnesia files of a stopped one. `rows`: a text dump of what is in
   * the files that were backed up.
   */
  kind: "dump" | "files" | "rows";
  manager: ManagerTarget;
  /** `files` only: move the directory aside, to a dated name, once its backup is proven. Default false. */
  clear?: boolean;
  /** `files` only: prove the backup loadable and take the final dump from it. Default false. */
  prove?: boolean;
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
  /** Rows by table (of a dump). */
  rows: Record<string, number>;
  /** Where the Mnesia directory was moved to (`clear`); empty when it was not. */
  movedTo: string;
  /** Directory of the dump made from the backed up files (`prove`); empty when there is none. */
  finalDump: string;
  /** Second copies that were made or verified (`copyTo`): where each is, and how that was seen. */
  secondCopies: string[];
  evidence: string[];
}

/** One kind of backup. */
export interface BackupKind {
  /** What would be done, as seen from the live host; empty once it is done. */
  plan(session: Session, inputs: MnesiaBackupInputs): Promise<PlanLine[]>;
  /** Makes the backup, or finds this incident's. */
  converge(session: Session, inputs: MnesiaBackupInputs, run: Run): Promise<MnesiaBackupOutputs>;
}
