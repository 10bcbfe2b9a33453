import type { Host } from "../../../remote/host";
import { script } from "../../../remote/script";
import { ringOf } from "../../manager/consoleOf";
import { type ManagerEvidence, rowsCounted } from "../../manager/evidence";
import type { Manager } from "../../manager/manager";
import { rowsDifference, takeDump } from "../../manager/takeDump";
import { type Dump, missingTables, summary } from "../../mnesia/dump";
import { sentence } from "../../sentence";
import { entries } from "../entries";
import type { Incident } from "../readIncident";
import { nextName, publish, publishedBackups } from "./backupPlace";
import { type Manifest, manifestHead } from "./manifest";
import { hashTree } from "./tree";

/** A published text dump of a running manager. */
export interface DumpBackup {
  /** Its directory; the dump is `dump.txt` in it. */
  path: string;
  manifest: Manifest;
}

/** The dump's file in a backup directory. */
export const dumpFileOf = (path: string): string => `${path}/dump.txt`;

const TRIES = 5;

/**
 * Takes a text dump of a running manager and publishes it only when it is complete: parsed to its last term,
 * every table of LeoFS in it, and no fewer or more rows a table than the manager itself counted around it.
 *
 * A dump is taken again (at most 5 times) when rows come and go meanwhile.
 *
 * @throws with the reason when no complete dump could be had. Nothing is overwritten by a failed one.
 */
export async function backUpDump(manager: Manager, incident: Incident): Promise<DumpBackup> {
  const { host, as, place, spec } = manager;
  const name = nextName(await publishedBackups(place), `dump-${spec.node}`);
  const partial = `${place.directory}/.${name}.partial`;
  const counted = [await manager.evidence()];
  for (let attempt = 1; ; attempt += 1) {
    await makeEmpty(host, partial, as);
    const how = { proof: true, rows: rowsCounted(counted[0]!) };
    const dump = await takeDump(manager, dumpFileOf(partial), how, counted);
    const after = await manager.evidence();
    counted.push(after);
    const difference = countDifference(dump, counted);
    if (difference && attempt < TRIES) continue;
    if (difference)
      throw new Error(
        `${host.label}: ${TRIES} dumps of ${spec.node} in a row were not what it holds (${difference}). Rows come and go there all the time. Nothing was changed: run pulumi up again, if need be in a calmer moment.`,
      );
    const tree = await hashTree(host, partial, as);
    const manifest: Manifest = {
      ...manifestHead(manager, "dump", incident.name),
      files: tree.files,
      tables: summary(dump),
      ring: ringOf(await manager.console.status()),
      nodes: after.nodes.map(({ node, type, state, answers, ring }) => ({
        node,
        type,
        state,
        answers,
        ...(ring && { ring }),
      })),
    };
    const path = `${place.directory}/${name}`;
    await publish(place, partial, path, manifest);
    await entries.dump.finish(incident.on(manager), { path });
    return { path, manifest };
  }
}

const NEW_DIRECTORY = script("leofs/incident/scripts/new-directory.sh");

async function makeEmpty(host: Host, directory: string, as: string | undefined): Promise<void> {
  const { code, stderr } = await host.run(NEW_DIRECTORY, { path: directory }, { as });
  if (code !== 0)
    throw new Error(
      `${host.label}: ${directory} could not be made: ${sentence(stderr.trim())} Mend that, then run pulumi up again.`,
    );
}

/** Why a dump is not what the manager holds, or nothing. */
function countDifference(dump: Dump, counted: readonly ManagerEvidence[]): string | undefined {
  const missing = missingTables(dump);
  return missing.length > 0 ? `tables missing: ${missing.join(", ")}` : rowsDifference(dump, counted);
}
