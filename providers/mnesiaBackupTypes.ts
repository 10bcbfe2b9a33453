import type { RecoveryCase } from "../leofs/checks/situation";
import type { Choice } from "../leofs/incident/guard";
import type { FenceTarget, ManagerTarget } from "./arguments";
import type { Copying } from "./secondCopies";

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
