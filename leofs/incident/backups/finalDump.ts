import { messageOf } from "../../../remote/errors";
import { REMOVE_DIRECTORY } from "../../../remote/files";
import { script } from "../../../remote/script";
import { expressions } from "../../erlang/expressions";
import type { Manager } from "../../manager/manager";
import { type Dump, DumpError, missingTables, summary } from "../../mnesia/dump";
import { entries } from "../entries";
import type { Incident } from "../readIncident";
import { nextName, publish, publishedBackups, verifyBackup } from "./backupPlace";
import { dumpFileOf } from "./dumpBackup";
import type { FileBackup } from "./fileBackup";
import { type Manifest, manifestHead } from "./manifest";
import { refuseOtherTables } from "./tablesReplaced";
import { hashTree, totalBytes } from "./tree";

/** How the script ends when loading was cut off, by its own limit or because the VM was told to stop. */
const CUT_OFF = 75;
/** Above this an exit code is, as a shell counts, a signal. */
const SIGNALLED = 128;

/**
 * What a load without rows says of the files. `unloadable`: Mnesia itself could not make the rows of them. `not loaded`:
 * nobody asked it, as where no VM started. `inconclusive`: the load was ended, the host lacked something, or what was
 * written could not be read, so that the files may be good.
 */
type LoadFailure = "unloadable" | "not loaded" | "inconclusive";

/** Why there are no rows. */
interface NotLoaded<Failure = LoadFailure> {
  problem: string;
  failure: Failure;
}

/** A load that says something of the files, or of the release on their host. */
type Concluded = NotLoaded<Exclude<LoadFailure, "inconclusive">>;

/** A dump made from the files of a stopped manager, or why none could be made. */
export type FinalDump = { path: string; manifest: Manifest } | Concluded;

const DUMP_COPY = script("leofs/incident/scripts/dump-copy.sh");
const BOOT = expressions("leofs/erlang/boot.erl");
const PROGRAM = expressions(
  "leofs/erlang/node.erl",
  "leofs/mnesia/write-dump.erl",
  "leofs/incident/backups/final-dump.erl",
);

/**
 * Proves the backup of a stopped manager loadable, and takes from it the dump that counts: whatever was written
 * after the first dump and before the stop is in it. Once a backup.
 *
 * @throws when they are not the tables that the incident began with, which somebody replaced by hand; when loading was
 * ended from outside or took too long, which says nothing of the files.
 * @returns the published dump; or the problem, when the host's own Erlang cannot load the files
 */
export async function finalDump(
  manager: Manager,
  backup: FileBackup,
  incident: Incident,
): Promise<FinalDump> {
  const { place, spec } = manager;
  const entry = entries.final(spec.node);
  const journal = incident.on(manager);
  await refuseOtherTables(manager, backup, journal);
  if (!backup.path) return { problem: "there are no files to load", failure: "unloadable" };
  const earlier = entry.done(journal);
  if (earlier?.path !== undefined && earlier.from === backup.path)
    return { path: earlier.path, manifest: await verifyBackup(journal, earlier.path) };
  const name = nextName(await publishedBackups(place), `final-${spec.node}`);
  const partial = `${place.directory}/.${name}.partial`;
  const bytes = backup.manifest ? totalBytes(backup.manifest.files) : 0;
  const dump = await whole(manager, `${backup.path}/mnesia`, bytes, partial);
  if ("problem" in dump) return concluded(manager, partial, bytes, dump);
  const { files } = await hashTree(manager.host, partial, manager.as);
  const path = `${place.directory}/${name}`;
  const head = manifestHead(manager, "dump", incident.name);
  const manifest: Manifest = { ...head, files, tables: summary(dump.dump) };
  await publish(place, partial, path, manifest);
  await entry.finish(journal, { path, from: backup.path });
  return { path, manifest };
}

/** The dump with every table in it; tried twice, since a disc may have been full for a moment. */
async function whole(manager: Manager, files: string, bytes: number, partial: string): Promise<Extracted> {
  for (let tries = 1; ; tries += 1) {
    const found = await extract(manager, files, bytes, partial, { proof: true });
    const missing = "dump" in found ? missingTables(found.dump) : [];
    const result: Extracted =
      missing.length > 0 ? { problem: `it has no ${missing.join(", ")}`, failure: "unloadable" } : found;
    if ("dump" in result || tries === 2) return result;
  }
}

const ROOM = script("leofs/incident/scripts/room-to-load.sh");

/**
 * A full disc must not be reported as damaged files. The load needs room for a copy of the files, and for their rows as
 * text, which take up to as much again.
 */
async function requireRoom({ host, as }: Manager, partial: string, bytes: number): Promise<void> {
  const blocks = 16 + Math.ceil((2 * bytes) / 65_536);
  const options = { as, timeoutMs: loadingLimit(bytes) };
  const { code, stdout, stderr } = await host.run(ROOM, { path: partial, blocks }, options);
  if (code !== 0)
    throw new Error(
      `${host.label}: there is no room to load a copy of the Mnesia files (${blocks * 64} KiB): ${`${stdout} ${stderr}`.trim().split("\n").slice(-3).join(" ")}. Free space beside the backups, then run pulumi up again.`,
    );
}

/** @throws when what kept files from being loaded says nothing of them: no room, or an inconclusive load. */
async function concluded(
  manager: Manager,
  work: string,
  bytes: number,
  { problem, failure }: NotLoaded,
): Promise<Concluded> {
  await requireRoom(manager, work, bytes);
  if (failure === "inconclusive")
    throw new Error(
      `${manager.host.label}: loading the files of ${manager.spec.node} was ended before it was done (${problem}). The files may be good: nothing was concluded from that. See what ended it (the host's memory, another process, an operator), then run pulumi up again.`,
    );
  return { problem, failure };
}

type Extracted = { dump: Dump } | NotLoaded;

/** What the VM says kept it from loading. */
const saidIn = (printed: string): string | undefined => /^problem: (.*)$/m.exec(printed)?.[1];

/** What a host lacks, as Erlang names it: that says nothing of the files. */
const LACKING = /\b(emfile|enfile|enomem|enospc|edquot|eagain|erofs|system_limit)\b/;

/** Bytes of a short row in a file of Mnesia. */
const LEAST_ROW = 32;

/** How long loading may take, in milliseconds: two minutes, and a second for every MiB. */
const loadingLimit = (bytes: number): number => 120_000 + Math.ceil(bytes / 1024 / 1024) * 1000;

/**
 * Looks at the rows in the Mnesia files of a stopped manager, which are not kept.
 *
 * @param bytes how many the files are
 * @param why names the directory to work in, which is removed again
 * @param look what to do with the rows, which are gone afterwards
 * @returns what it returned; or the problem, when the host's own Erlang cannot load the files
 * @throws when loading was ended from outside or took too long, or when there is no room for it
 */
export async function rowsInFiles<T>(
  manager: Manager,
  files: string,
  bytes: number,
  why: string,
  look: (dump: Dump) => Promise<T>,
): Promise<{ seen: T } | { problem: string }> {
  const { host, as, place, spec } = manager;
  const work = `${place.directory}/.${why}-${spec.node}.partial`;
  try {
    const found = await extract(manager, files, bytes, work);
    if ("dump" in found) return { seen: await look(found.dump) };
    return await concluded(manager, work, bytes, found);
  } finally {
    await host.run(REMOVE_DIRECTORY, { path: work }, { as });
  }
}

/**
 * The rows in the Mnesia files of a stopped manager.
 *
 * @param files the directory they are in; it is copied, not touched
 * @param bytes how many they are
 * @param partial a directory to work in, on the same host; made again, and left with the dump in it
 */
async function extract(
  manager: Manager,
  files: string,
  bytes: number,
  partial: string,
  { proof = false }: { proof?: boolean } = {},
): Promise<Extracted> {
  const { host, as, spec } = manager;
  const limit = loadingLimit(bytes);
  const values = { home: spec.home, node: spec.node, files, partial, limit, boot: BOOT.text };
  const stdin = `${Buffer.from(`${PROGRAM.text}.\n`, "latin1").toString("base64")}\n`;
  const options = { as, stdin, timeoutMs: limit + 60_000 };
  const { code, stdout } = await host.run(DUMP_COPY, values, options);
  if (code !== 0) {
    const said = saidIn(stdout);
    const printed = said ?? stdout.trim().split("\n").slice(-3).join(" ");
    const problem = printed.slice(0, 300) || `exit ${code}`;
    if (code === CUT_OFF || code > SIGNALLED || LACKING.test(printed))
      return { problem, failure: "inconclusive" };
    return { problem, failure: said === undefined ? "not loaded" : "unloadable" };
  }
  try {
    const read = await manager.readDump(dumpFileOf(partial), { proof, rows: Math.ceil(bytes / LEAST_ROW) });
    return "dump" in read ? read : { problem: read.unread, failure: "inconclusive" };
  } catch (error) {
    const failure = error instanceof DumpError ? "unloadable" : "inconclusive";
    return { problem: messageOf(error), failure };
  }
}
