import type { Host } from "../../remote/host";
import { type ConfOnHost, changeValue, keptIn, returnValue } from "../conf/changeConf";
import { unifiedDiff } from "../conf/confText";
import { preparePlace } from "../incident/backups/backupPlace";
import { entries } from "../incident/entries";
import { Journal } from "../incident/journal";
import type { IncidentPlace } from "../manager/lookedAt";
import type { NodeSpec } from "../names";
import { confProblems, follows, lookAtNode, MANAGERS_KEY, managersValue, type NodeConf } from "./nodeConf";

/** A storage or gateway node on its host. */
export interface NodeOnHost {
  host: Host;
  spec: NodeSpec;
  /** Absolute directory on that host for what is kept, and the incident's own directory in it. */
  backupDirectory: string;
  incidentDirectory: string;
}

const placeOf = ({ host, incidentDirectory }: NodeOnHost, { as }: NodeConf): IncidentPlace => ({
  host,
  directory: incidentDirectory,
  as,
});

const fileOf = ({ host, incidentDirectory, spec }: NodeOnHost, { as, file }: NodeConf): ConfOnHost => ({
  host,
  as,
  path: file.path,
  kept: keptIn(incidentDirectory, file.path, spec.node),
});

/**
 * Makes a node's conf name these managers: one value changes and no other byte, by the rules of the managers' partner, and
 * what LeoFS would read is read back. The node itself is not touched. Done again it finds it done.
 *
 * @param touching called before the first change on the host
 * @param timeoutMs for the first look, and so for the login
 * @returns the file that names them.
 * @throws when it cannot be done, with file and line; the conf is then as it was.
 */
export async function changeManagers(
  on: NodeOnHost,
  pair: readonly string[],
  { touching, timeoutMs }: { touching?: () => void; timeoutMs?: number } = {},
): Promise<string> {
  const { host, spec } = on;
  const seen = await lookAtNode(host, spec, timeoutMs);
  const problems = confProblems(seen);
  const { path, bytes } = seen.file;
  if (problems.length === 0 && follows(seen, pair)) return path;
  const file = fileOf(on, seen);
  if (problems.length === 0) {
    touching?.();
    await preparePlace(placeOf(on, seen), on.backupDirectory, {
      name: "the directory for the conf's original",
      advice: "Make it writable for that user, or set nodes.backupDirectory.",
    });
  }
  const change = await changeValue(file, {
    key: MANAGERS_KEY,
    value: managersValue(pair),
    bytes: bytes ?? "",
    problems,
    again: async () => (await lookAtNode(host, spec)).value,
  });
  const record = { change: unifiedDiff(change, path), original: file.kept };
  await entries.managers(spec.node).finish(new Journal(placeOf(on, seen)), record);
  return path;
}

/**
 * Puts a node's conf back as it was before the incident.
 *
 * @returns the evidence; undefined when the incident did not change it.
 * @throws when it cannot be done; the conf is then as it was.
 */
export async function returnManagers(on: NodeOnHost): Promise<string | undefined> {
  const seen = await lookAtNode(on.host, on.spec);
  return returnValue(fileOf(on, seen), MANAGERS_KEY, { bytes: seen.file.bytes, value: seen.value });
}
