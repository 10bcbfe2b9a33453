import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Sandbox } from "../../../sandbox";
import { type FoundProcess, processesOf } from "../../../sandbox/processes";

/** Everything that a recovery could change on the hosts of a sandbox: one line of text for each file and process. */
export type Picture = ReadonlyMap<string, string>;

// A running manager writes its own transaction log by and by; all other files of a quiet sandbox stay as they are.
const OWN_LOG = /\/mnesia\/[^/]+\/LATEST\.LOG$/;

/** And what it has to say: that its ring is not there yet, some seconds after its start. */
const OWN_WORDS = /\/log\/app$/;

/**
 * Homes, backup directories and nodes with kind, bytes (SHA-256), mode, owner and the times of the last change
 * (of the bytes and of the entry), and every process but the sessions of ssh.
 */
async function pictureOf(sandbox: Sandbox): Promise<Picture> {
  const { directory, managers, nodes } = sandbox.description;
  const picture = new Map<string, string>();
  const hosts = Object.values(managers).filter((manager) => !manager.lost);
  const roots = [
    ...hosts.flatMap(({ home, backups }) => [dirname(home), backups]),
    ...Object.values(nodes).map(({ home }) => home),
  ];
  for (const root of roots) await addTree(picture, root);
  for (const one of withoutSessions(await processesOf(directory)))
    picture.set(`process ${one.pid}`, `${one.program} ${one.commandLine}`);
  return picture;
}

/** What differs between two pictures, in words; empty when nothing does. */
function changesBetween(before: Picture, after: Picture): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    return was === is ? [] : [`${name}: ${was ?? "not there"} -> ${is ?? "gone"}`];
  });
}

/**
 * What differs now from an earlier picture. Looks again for some seconds while something does: a session that was cut
 * off leaves a shell that is about to end; what was really changed stays changed.
 */
export async function changesSince(sandbox: Sandbox, before: Picture, rounds = 20): Promise<string[]> {
  for (let round = 0; ; round += 1) {
    const changes = changesBetween(before, await pictureOf(sandbox));
    if (changes.length === 0 || round === rounds) return changes;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** A picture of a sandbox that is at rest: two in a row were the same. */
export async function pictureAtRest(sandbox: Sandbox, rounds = 40): Promise<Picture> {
  let before = await pictureOf(sandbox);
  let changes: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const now = await pictureOf(sandbox);
    changes = changesBetween(before, now);
    if (changes.length === 0) return now;
    before = now;
  }
  throw new Error(`the sandbox does not come to rest: ${changes.join("; ")}`);
}

async function addTree(picture: Map<string, string>, path: string): Promise<void> {
  const stats = await lstat(path, { bigint: true }).catch(() => undefined);
  if (!stats || OWN_WORDS.test(path)) return;
  picture.set(path, await lineOf(path, stats));
  if (stats.isDirectory()) for (const name of await readdir(path)) await addTree(picture, join(path, name));
}

async function lineOf(path: string, stats: BigIntStats): Promise<string> {
  const { mode, uid, gid, mtimeNs, ctimeNs } = stats;
  const kept = `mode ${mode.toString(8)} owner ${uid}:${gid}`;
  if (OWN_LOG.test(path)) return kept;
  const times = `changed ${mtimeNs} ${ctimeNs}`;
  if (stats.isSymbolicLink()) return `link to ${await readlink(path)} ${kept} ${times}`;
  if (!stats.isFile()) return `${kept} ${times}`;
  const bytes = await readFile(path);
  return `${bytes.length} bytes ${createHash("sha256").update(bytes).digest("hex")} ${kept} ${times}`;
}

/** sshd's listeners stay in; its sessions and what runs in them belong to whoever looks. */
function withoutSessions(all: readonly FoundProcess[]): FoundProcess[] {
  const byPid = new Map(all.map((one) => [one.pid, one]));
  const isSession = (one: FoundProcess): boolean => {
    const parent = byPid.get(one.parent);
    if (!parent) return false;
    return parent.program.startsWith("sshd") || isSession(parent);
  };
  // An Erlang VM starts its own resolver once it looks a name up, as a node does that is asked whom it reaches.
  return all.filter((one) => !isSession(one) && one.program !== "inet_gethost");
}
