import * as pulumi from "@pulumi/pulumi";
import type { ManagerRegistration } from "../providers/managerRegistration";
import type { MnesiaBackup } from "../providers/mnesiaBackup";
import type { MnesiaImport } from "../providers/mnesiaImport";

/** A backup of a recovery; the path is empty where there was nothing to back up. */
export interface BackupOutcome {
  path: string;
  node: string;
  bytes: number;
  digest: string;
  /** Verified second copies (`copyTo`); absent where there are none. */
  secondCopies?: string[];
}

/** What an operator acts on after an `up`. */
export interface RecoveryOutcome {
  /** Of which incident it is: a stack keeps its outputs until an `up` succeeds. Absent in outputs of version 0.1.0. */
  incident?: string;
  verdict: string;
  /** When that was proven (ISO 8601): what a later look finds otherwise is warned of. Empty: nothing was proven. */
  provenAt: string;
  outageSeconds: number;
  evidence: string[];
  /** Backups by their purpose. */
  backups: Record<string, BackupOutcome>;
  debt: string[];
  nextSteps: string[];
}

const UNFINISHED = "not finished: this run made chosen resources only (--target)";

/** Gathers what the resources of a recovery found into what an operator acts on. */
export function outcomeOf(
  incident: string,
  registration: ManagerRegistration,
  imported: MnesiaImport,
  backups: Record<string, MnesiaBackup>,
): pulumi.Output<RecoveryOutcome> {
  const { verdict, provenAt, outageSeconds, evidence, debt, nextSteps } = registration;
  const where = Object.entries(backups).map(([name, { path, node, bytes, digest, secondCopies }]) =>
    pulumi.all([path, node, bytes, digest, secondCopies]).apply(([found, of, size, hash, copies]) => {
      const second = copies?.length > 0 ? { secondCopies: copies } : {};
      if (found === undefined) return undefined;
      return [name, { path: found, node: of, bytes: size, digest: hash, ...second }] as const;
    }),
  );
  return pulumi
    .all([verdict, provenAt, outageSeconds, evidence, debt, nextSteps, imported.evidence, pulumi.all(where)])
    .apply(([said, proven, outage, proof, owed, next, data, found]) => ({
      incident,
      // The engine leaves out what a run of chosen resources does not make.
      verdict: said ?? UNFINISHED,
      provenAt: proven ?? "",
      outageSeconds: outage ?? 0,
      evidence: [...(data ?? []), ...(proof ?? [])],
      backups: Object.fromEntries(found.filter((one) => one !== undefined)),
      debt: owed ?? [],
      nextSteps: next ?? ["run pulumi up without --target: it goes on from what was made"],
    }));
}
