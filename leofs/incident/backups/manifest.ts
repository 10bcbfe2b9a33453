import type { Manager } from "../../manager/manager";
import { RING_TABLES } from "../../mnesia/tables";
import type { Role } from "../../names";
import type { TreeFile } from "./tree";

/** What a backup holds, written beside it as `manifest.json` before it is published. */
export interface Manifest {
  schemaVersion: 1;
  kind: "dump" | "files";
  node: string;
  role: Role | undefined;
  version: string | undefined;
  incident: string;
  /** By the operator's clock. */
  takenAt: string;
  files: TreeFile[];
  /** Mode and owner of the Mnesia directory itself (kind `files`). */
  directory?: { path: string; mode: string; owner: string };
  /** Rows and digest per table (kind `dump`). */
  tables?: Record<string, { rows: number; sha256: string }>;
  /** Ring hashes, current and previous, and the nodes the managers listed when the dump was taken. */
  ring?: [string, string];
  nodes?: {
    node: string;
    type: "storage" | "gateway";
    state: string;
    answers: boolean;
    ring?: [string, string];
  }[];
}

/** The head of a manifest for a backup that is taken now. */
export const manifestHead = (
  { host, spec, settings, facts }: Manager,
  kind: Manifest["kind"],
  incident: string,
): Omit<Manifest, "files"> => ({
  schemaVersion: 1,
  kind,
  node: spec.node,
  role: settings.role,
  version: facts.release.leofs,
  incident,
  takenAt: host.clock.stamp(),
});

/** Whether the ring at the stop, where it is known, was still that of an earlier dump: days may lie between, and a rebalance. */
export function sameRing({ tables }: Manifest, last: Manifest | undefined): boolean {
  if (!tables || !last?.tables) return true;
  return RING_TABLES.every((table) => tables[table]?.sha256 === last.tables?.[table]?.sha256);
}

/** How many rows were dumped, of all tables. */
export const rowsDumped = ({ tables = {} }: Manifest): number =>
  Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);

/** A backup that is not whole, or not one of this package; not said of a host that cannot be asked. */
export class NotWhole extends Error {
  override name = "NotWhole";
}

/** Reads a manifest. @throws NotWhole when the text is none. */
export function parseManifest(text: string): Manifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new NotWhole("manifest.json is not JSON");
  }
  const manifest = parsed as Manifest;
  if (
    typeof parsed !== "object" ||
    parsed === null ||
    manifest.schemaVersion !== 1 ||
    !Array.isArray(manifest.files)
  )
    throw new NotWhole("manifest.json is not a manifest of a leofs-recovery backup");
  return manifest;
}
