import type { Host } from "../../../remote/host";
import { type Script, script, type Values } from "../../../remote/script";
import type { Manager, Stopped } from "../../manager/manager";
import { sentence } from "../../sentence";
import { entries } from "../entries";
import type { Incident } from "../readIncident";
import { holdsCopy, sourceFiles } from "./fileBackup";
import type { Manifest } from "./manifest";
import { hashTree, modesOf, SET_MODES, totalBytes, treeDifferences } from "./tree";

/** Copies files between two hosts; each arrives complete under its name or not at all. Given by `remote/`. */
export type CopyTree = (
  from: { host: Host; directory: string; as: string | undefined },
  to: { host: Host; directory: string; as: string | undefined },
) => Promise<void>;

const MAKE_WAY = script("leofs/incident/scripts/make-way.sh");
/** Gives files that lie beside a Mnesia directory its name. */
export const PUT_IN_PLACE = script("leofs/incident/scripts/put-in-place.sh");

/**
 * Puts the donor's Mnesia files, out of its proven backup, into the empty directory of the damaged manager:
 * staged beside it, compared with the manifest by SHA-256, then renamed into place. Once an incident.
 *
 * Mnesia's files are not bound to a node name: schema.DAT names both managers, so a verbatim copy works in
 * both directions.
 *
 * @returns the evidence, one line each.
 */
export async function restoreFiles(
  damaged: Stopped,
  donor: Manager,
  incident: Incident,
  backup: { path: string; manifest: Manifest },
  copy: CopyTree,
): Promise<string[]> {
  const { host, as, spec, settings } = damaged;
  const journal = incident.on(damaged);
  const entry = entries.restore(spec.node);
  const earlier = restoredBefore(damaged, incident);
  if (earlier) return earlier;
  const directory = settings.mnesiaDirectory;
  const staging = `${directory}.leofs-recovery-incoming`;
  const files = sourceFiles(backup.manifest);
  await entry.begin(journal, { from: backup.path, files: files.length });
  if (!(await holdsCopy(damaged, backup.manifest))) {
    await putInPlaceBy(host, MAKE_WAY, { directory, staging }, as);
    await copy(
      { host: donor.host, directory: `${backup.path}/mnesia`, as: donor.as },
      { host, directory: staging, as },
    );
    const differences = treeDifferences(files, (await hashTree(host, staging, as)).files);
    if (differences.length > 0)
      throw new Error(
        `${host.label}: what arrived in ${staging} is not the donor's backup: ${differences.slice(0, 3).join("; ")}. It was not put in place. Run pulumi up again: it is copied again.`,
      );
    await putInPlaceBy(host, SET_MODES, { modes: modesOf(files, staging) }, as);
    await putInPlaceBy(
      host,
      PUT_IN_PLACE,
      { directory, staging, mode: backup.manifest.directory?.mode ?? "755" },
      as,
    );
  }
  const evidence = [
    `the donor's ${files.length} files (${totalBytes(files)} bytes) are in ${directory}, each with the SHA-256 of the backup ${backup.path}`,
  ];
  await entries.given(spec.node).finish(incident.on(donor), { path: backup.path });
  await entry.finish(journal, { evidence });
  return evidence;
}

/** The evidence of an earlier run, after which the manager may have been started; undefined: there was none. */
export function restoredBefore(damaged: Manager, incident: Incident): string[] | undefined {
  const earlier = entries.restore(damaged.spec.node).done(incident.on(damaged));
  return earlier && [`adopted: the files were put in place before, at ${String(earlier.at)}`];
}

async function putInPlaceBy(
  host: Host,
  script: Script,
  values: Values,
  as: string | undefined,
): Promise<void> {
  const { code, stderr } = await host.run(script, values, { as, timeoutMs: 120_000 });
  if (code === 0) return;
  const said = sentence(stderr.trim() || `exit ${code}`);
  const next = said.includes("pulumi up again") ? "" : " Mend that, then run pulumi up again.";
  throw new Error(`${host.label}: the donor's files could not be put in place: ${said}${next}`);
}
