import { createHash, randomBytes } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { excerpt } from "../errors";
import { READ_FILE, REMOVE_FILE } from "../files";
import type { Host, RunOptions, RunResult } from "../host";
import { script } from "../script";

/** How a file is copied. */
export interface CopyOptions {
  /** User who reads on the source host. Default the login user. */
  readAs?: string;
  /** User who writes on the target host, and owns the copy. Default the login user. */
  writeAs?: string;
}

/** Most milliseconds without a byte moving. */
const IDLE_MS = 60_000;

/** A copy that was read back and compared. */
export interface CopiedFile {
  path: string;
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
  mode: number;
}

/** A copy that was refused or failed; nothing of it is left under the target's name. */
export class CopyError extends Error {
  override readonly name = "CopyError";
}

const INSPECT = script("remote/scripts/inspect-file.sh");
export const CHECK_TARGET = script("remote/scripts/check-target.sh");
const RECEIVE = script("remote/scripts/receive-file.sh");
const COPY_ON_HOST = script("remote/scripts/copy-on-host.sh");
const PUBLISH = script("remote/scripts/publish-file.sh");

/** Files up to this size travel with the commands: opening channels would take longer than the bytes. */
const SMALL = 128 * 1024;
/** Slowest disc and processor that hashing is given time for, in bytes a millisecond. */
const HASH_RATE = 20_000;

interface Content {
  bytes: number;
  sha256: string;
}

/**
 * Copies a file between hosts through this process. It is written under a new name, synced, read back and
 * compared by size and SHA-256 (made on the way), and only then given its name; never over another file.
 */
export async function copyFile(
  from: Host,
  fromPath: string,
  to: Host,
  toPath: string,
  options: CopyOptions = {},
): Promise<CopiedFile> {
  const reading = runOptions(options.readAs);
  const writing = runOptions(options.writeAs);
  const what = `${fromPath} of ${from.label} to ${toPath} of ${to.label}`;
  const [size, mode] = inspected(await must(what, from.run(INSPECT, { path: fromPath }, reading)));
  await must(what, to.run(CHECK_TARGET, { path: toPath }, writing));
  const stage = `${toPath}.${randomBytes(8).toString("hex")}.partial`;
  try {
    const transfer = { from, fromPath, to, stage, size, reading, writing, what };
    const content = await (from === to && options.readAs === options.writeAs
      ? copyLocally(transfer)
      : size <= SMALL
        ? copySmall(transfer)
        : copyStream(transfer));
    if (content.bytes !== size)
      throw new CopyError(
        `${fromPath} of ${from.label} changed from ${size} to ${content.bytes} bytes while it was copied. ` +
          `Stop what writes to it, then try again.`,
      );
    await must(
      what,
      to.run(
        PUBLISH,
        { stage, path: toPath, bytes: size, sha256: content.sha256, mode: mode.toString(8) },
        { ...writing, timeoutMs: IDLE_MS + size / HASH_RATE },
      ),
    );
    return { path: toPath, ...content, mode };
  } catch (error) {
    await to.run(REMOVE_FILE, { path: stage }, writing).catch(() => undefined);
    throw error;
  }
}

interface Transfer {
  from: Host;
  fromPath: string;
  to: Host;
  stage: string;
  size: number;
  reading: RunOptions;
  writing: RunOptions;
  what: string;
}

async function copySmall({ from, fromPath, to, stage, reading, writing, what }: Transfer): Promise<Content> {
  const read = await must(what, from.run(READ_FILE, { path: fromPath }, { ...reading, encoding: "latin1" }));
  const bytes = Buffer.from(read.stdout, "latin1");
  await must(what, to.run(RECEIVE, { path: stage }, { ...writing, stdin: bytes }));
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

async function copyStream({ from, fromPath, to, stage, reading, writing, what }: Transfer): Promise<Content> {
  const source = await from.spawn(READ_FILE, { path: fromPath }, reading);
  let target: Awaited<ReturnType<Host["spawn"]>> | undefined;
  try {
    target = await to.spawn(RECEIVE, { path: stage }, writing);
    target.stdout.resume();
    const hash = createHash("sha256");
    let bytes = 0;
    const measured = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    const [piped] = await Promise.allSettled([pipeline(source.stdout, measured, target.stdin)]);
    const [received, sent] = await Promise.allSettled([target.done, source.done]);
    // A side that ended by itself says why on its error output; a broken pipe says nothing.
    if (received.status === "fulfilled") await must(what, received.value);
    if (sent.status === "fulfilled") await must(what, sent.value);
    for (const end of [piped, received, sent]) if (end.status === "rejected") throw end.reason;
    return { bytes, sha256: hash.digest("hex") };
  } catch (error) {
    source.abort();
    target?.abort();
    throw error;
  }
}

async function copyLocally({ from, fromPath, stage, size, writing, what }: Transfer): Promise<Content> {
  const limit = IDLE_MS + (2 * size) / HASH_RATE;
  const { stdout } = await must(
    what,
    from.run(COPY_ON_HOST, { path: stage, source: fromPath }, { ...writing, timeoutMs: limit }),
  );
  const [bytes, sha256] = stdout.trim().split(" ");
  return { bytes: Number(bytes), sha256: sha256 ?? "" };
}

/** How each script of a copy is run. */
export const runOptions = (as: string | undefined): RunOptions =>
  as === undefined ? { timeoutMs: IDLE_MS } : { timeoutMs: IDLE_MS, as };

function inspected({ stdout }: { stdout: string }): [size: number, mode: number] {
  const [size, mode] = stdout.trim().split(" ");
  return [Number(size), Number.parseInt(mode ?? "600", 8)];
}

/** The result of a step that must succeed. */
export async function must<R extends Pick<RunResult, "code" | "stderr">>(
  what: string,
  step: R | Promise<R>,
): Promise<R> {
  const result = await step;
  if (result.code === 0) return result;
  throw new CopyError(
    `Could not copy ${what}: ${excerpt(result.stderr) || `exit code ${result.code}`}. Nothing was replaced there. ` +
      `Remove the cause (space, permissions, names), then try again.`,
  );
}
