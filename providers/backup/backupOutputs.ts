import { createHash } from "node:crypto";
import type { Manifest } from "../../leofs/incident/backups/manifest";
import { secondCopyText } from "../../leofs/incident/backups/secondCopy";
import { type TreeFile, totalBytes } from "../../leofs/incident/backups/tree";
import type { Journal } from "../../leofs/incident/journal";
import type { Manager } from "../../leofs/manager/manager";
import type { Run } from "../contract/handler";
import type { Session } from "../session/session";
import type { MnesiaBackupInputs, MnesiaBackupOutputs } from "./mnesiaBackupTypes";
import { keepCopies } from "./secondCopies";

function digestOf(files: readonly TreeFile[]): string {
  if (files.length === 0) return "";
  const lines = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** What is said of a backup; without a manifest: of nothing that was backed up. */
export function outputsOf(
  manager: Manager,
  path: string,
  manifest: Manifest | undefined,
  evidence: string[],
): MnesiaBackupOutputs {
  const files = manifest?.files ?? [];
  const tables = Object.entries(manifest?.tables ?? {});
  return {
    path,
    node: manager.spec.node,
    bytes: totalBytes(files),
    sha256: Object.fromEntries(files.map((file) => [file.name, file.sha256])),
    digest: digestOf(files),
    rows: Object.fromEntries(tables.map(([name, { rows }]) => [name, rows])),
    movedTo: "",
    finalDump: "",
    secondCopies: [],
    evidence,
  };
}

/** What was backed up, once it has its second copy where that is wanted. */
export async function withCopies(
  session: Session,
  journal: Journal,
  made: MnesiaBackupOutputs,
  inputs: MnesiaBackupInputs,
  run: Run,
): Promise<MnesiaBackupOutputs> {
  const wanted = [made.path, made.finalDump].filter(Boolean);
  const copies = (await keepCopies(session, journal, wanted, inputs, run.progress)).map(secondCopyText);
  for (const copy of copies) run.progress.note(`second copy: ${copy}`);
  return {
    ...made,
    secondCopies: copies,
    evidence: [...made.evidence, ...copies.map((copy) => `second copy: ${copy}`)],
  };
}
