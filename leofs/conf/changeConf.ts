import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { effectiveConf } from "./conf";
import { type ConfChange, setValue } from "./confText";

/** One file of a conf on its host, and where what it was before the incident is kept: outside `etc`, where LeoFS's generator would find it. */
export interface ConfOnHost {
  host: Host;
  /** User who changes it when that is not the login user. */
  as: string | undefined;
  path: string;
  kept: string;
}

/** Where the conf file of a node is kept in an incident's directory. */
export const keptIn = (directory: string, path: string, node: string): string =>
  `${directory}/${path.replace(/^.*\//, "")}.${node}`;

const REPLACE = script("leofs/conf/scripts/replace-conf.sh");

/**
 * Puts other bytes in a conf file: written beside the old one (a name LeoFS does not read), synced, and renamed over it
 * with the old one's mode and owner. What was there before the incident is kept first, once.
 *
 * @param bytes latin1
 * @throws when it could not be done; the file is then as it was.
 */
async function replaceConf({ host, as, path, kept }: ConfOnHost, bytes: string): Promise<void> {
  const buffer = Buffer.from(bytes, "latin1");
  const values = { file: path, kept, bytes: buffer.length };
  const { code, stderr } = await host.run(REPLACE, values, { as, stdin: buffer });
  if (code !== 0)
    throw new Error(
      `${host.label}: ${path} could not be changed: ${stderr.trim() || "the staged copy was not what was sent"}. It is as it was.`,
    );
}

const READ_KEPT = script("leofs/conf/scripts/read-kept-conf.sh");

/** The file as it was before the incident, latin1; undefined when the recovery did not come to change it. */
export async function keptConf({
  host,
  as,
  kept: path,
}: Omit<ConfOnHost, "path">): Promise<string | undefined> {
  const { code, stdout, stderr } = await host.run(READ_KEPT, { path }, { as, encoding: "latin1" });
  if (code === 4) return undefined;
  if (code !== 0) throw new Error(`${host.label}: ${path} could not be read: ${stderr.trim()}`);
  return stdout;
}

/** One value of a conf file that is to be another one. */
export interface ValueChange {
  key: string;
  value: string;
  /** The file's bytes, latin1. */
  bytes: string;
  /** Why LeoFS would not read that value afterwards, one sentence each: then nothing is changed. */
  problems: readonly string[];
  /** What LeoFS would read, looked at again. */
  again(): Promise<string | undefined>;
}

/**
 * Changes one value of a conf and no other byte, and proves it: what LeoFS would read at its next start.
 *
 * @throws with the problems, or when another value would be read.
 */
export async function changeValue(
  file: ConfOnHost,
  { key, value, bytes, problems, again }: ValueChange,
): Promise<ConfChange> {
  const { host, path } = file;
  if (problems.length > 0) throw new Error(`${host.label}: ${problems.join(" ")} Nothing was changed.`);
  const change = setValue(bytes, key, value);
  await replaceConf(file, change.text);
  const seen = await again();
  if (seen !== value)
    throw new Error(
      `${host.label}: ${path} was changed, but LeoFS would read ${seen || `no ${key}`} from it`,
    );
  return change;
}

/**
 * Puts a conf file back byte for byte, mode and owner kept. What a person changed in it since stays: then the value alone
 * goes back to what it was.
 *
 * @param current the file as it is, latin1, and the value that LeoFS would read from it
 * @returns the evidence; undefined when there was nothing to put back.
 * @throws when the file was changed so that the old value cannot be put back; nothing is changed then.
 */
export async function returnValue(
  file: ConfOnHost,
  key: string,
  current: { bytes: string | undefined; value: string | undefined },
): Promise<string | undefined> {
  const { host, path } = file;
  const kept = await keptConf(file);
  if (kept === undefined) return undefined;
  if (kept === current.bytes) return `${path} is the one from before, byte for byte`;
  const changed = current.value ? setValue(kept, key, current.value).text : undefined;
  if (current.bytes === undefined || current.bytes === changed) {
    await replaceConf(file, kept);
    return `${path} is the one from before, byte for byte`;
  }
  const before = effectiveConf(kept).values.get(key)?.value;
  if (before === undefined)
    throw new Error(
      `${host.label}: ${path} was edited since the recovery changed it, and the one from before sets no ${key}. Compare it with ${file.kept} and put it right by hand, then run pulumi up again.`,
    );
  await replaceConf(file, setValue(current.bytes, key, before).text);
  return `${path} names ${before} again; it was edited since by somebody, and the rest of it is left as it is (the one from before: ${file.kept})`;
}
