import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Host, RunOptions } from "../host";
import { printfText } from "../quote";
import { script } from "../script";
import { parseSections } from "../sections";
import { type CopiedFile, CopyError, must } from "./copy";

const INSPECT = script("remote/scripts/inspect-files.sh");
const READ = script("remote/scripts/read-files.sh");
const RECEIVE = script("remote/scripts/receive-files.sh");
const DIGEST = script("remote/scripts/digest-files.sh");

/** Most bytes of files that travel within one command: every byte can take four there. */
const BUNDLE = 128 * 1024;
/** Most names within one command. */
const NAMES = 200;

/** A file of a directory, by its path below it. */
export interface Inspected {
  name: string;
  bytes: number;
  mode: number;
}

/** One end of a copy: a directory on a host. */
export interface End {
  host: Host;
  directory: string;
  options: RunOptions;
}

/** Sizes and modes of files. @throws CopyError when one is not a plain file */
export async function inspectFiles(
  { host, directory, options }: End,
  names: readonly string[],
  what: string,
): Promise<Inspected[]> {
  const found: Inspected[] = [];
  for (let at = 0; at < names.length; at += NAMES) {
    const some = names.slice(at, at + NAMES);
    const { stdout } = await must(
      what,
      host.run(INSPECT, { directory, list: some.map((name) => `./${name}`) }, options),
    );
    const lines = stdout.split("\n");
    for (const [index, name] of some.entries()) {
      const [bytes, mode] = (lines[index] ?? "").split(" ");
      found.push({ name, bytes: Number(bytes), mode: Number.parseInt(mode ?? "600", 8) });
    }
  }
  return found;
}

/** Small files in groups that travel together, and what is too large for that. */
export function bundled(files: readonly Inspected[]): { bundles: Inspected[][]; large: Inspected[] } {
  const bundles: Inspected[][] = [];
  let room = 0;
  for (const file of files.filter(({ bytes }) => bytes <= BUNDLE)) {
    const last = bundles.at(-1);
    if (last && file.bytes <= room && last.length < NAMES) last.push(file);
    else {
      bundles.push([file]);
      room = BUNDLE;
    }
    room -= file.bytes;
  }
  return {
    bundles,
    large: files.filter(({ bytes }) => bytes > BUNDLE),
  };
}

/**
 * Copies files together into a directory that nobody else knows yet: read in one command, written and synced in another,
 * read back by a third and compared by SHA-256. A file at a time would take five commands for each.
 *
 * @throws CopyError when one changed meanwhile, or did not arrive as it was read
 */
export async function copyBundle(
  from: End,
  to: End,
  files: readonly Inspected[],
  what: string,
): Promise<CopiedFile[]> {
  const names = files.map(({ name }) => `./${name}`);
  const reading = from.host.run(
    READ,
    { directory: from.directory, list: names },
    { ...from.options, encoding: "latin1" },
  );
  const { contents, values } = parseSections((await must(what, reading)).stdout);
  const read = files.map((file, index) => {
    const path = `${posix.join(from.directory, file.name)} of ${from.host.label}`;
    if (values.has(`${index + 1}.unreadable`))
      throw new CopyError(
        `${path} cannot be read by ${from.options.as ?? "the user who logs in"}. Let that user read it, then try again.`,
      );
    const bytes = Buffer.from(contents.get(String(index + 1)) ?? "", "latin1");
    if (bytes.length !== file.bytes)
      throw new CopyError(
        `${path} changed from ${file.bytes} to ${bytes.length} bytes while it was copied. Stop what writes to it, then try again.`,
      );
    return { ...file, content: bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  });
  const list = read.flatMap(({ name, mode, content }) => [
    `./${name}`,
    mode.toString(8),
    printfText(content),
  ]);
  await must(what, to.host.run(RECEIVE, { directory: to.directory, list }, to.options));
  const { stdout } = await must(
    what,
    to.host.run(DIGEST, { directory: to.directory, list: names }, to.options),
  );
  // A line whose file has an odd name begins with a backslash.
  const back = stdout.split("\n").map((line) => line.replace(/^\\/, "").slice(0, 64));
  const wrong = read.find(({ sha256 }, index) => back[index] !== sha256);
  if (wrong)
    throw new CopyError(
      `Could not copy ${what}: ${wrong.name} was read back with another SHA-256. Nothing was replaced there. Try again; if it stays so, look at the disc of ${to.host.label}.`,
    );
  return read.map(({ name, bytes, mode, sha256 }) => ({ path: name, bytes, mode, sha256 }));
}
