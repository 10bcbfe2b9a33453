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
  verdict: string;
  outageSeconds: number;
  evidence: string[];
  /** Backups by what they were taken for. */
  backups: Record<string, BackupOutcome>;
  debt: string[];
  nextSteps: string[];
}

/** Gathers what the resources of a recovery found into what an operator acts on. */
export function outcomeOf(
  registration: ManagerRegistration,
  imported: MnesiaImport,
  backups: Record<string, MnesiaBackup>,
): pulumi.Output<RecoveryOutcome> {
  const { verdict, outageSeconds, evidence, debt, nextSteps } = registration;
  const where = Object.entries(backups).map(([name, { path, node, bytes, digest, secondCopies }]) =>
    pulumi.all([path, node, bytes, digest, secondCopies]).apply(([found, of, size, hash, copies]) => {
      const second = copies?.length > 0 ? { secondCopies: copies } : {};
      return [name, { path: found, node: of, bytes: size, digest: hash, ...second }] as const;
    }),
  );
  return pulumi
    .all([verdict, outageSeconds, evidence, debt, nextSteps, imported.evidence, pulumi.all(where)])
    .apply(([said, outage, proof, owed, next, data, found]) => ({
      verdict: said,
      outageSeconds: outage,
      evidence: [...data, ...proof],
      backups: Object.fromEntries(found),
      debt: owed,
      nextSteps: next,
    }));
}
