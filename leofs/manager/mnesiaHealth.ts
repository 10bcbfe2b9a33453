import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { parseSections } from "../../remote/sections";
import { type DirectoryVerdict, examineDirectory, examineFile } from "../mnesia/mnesiaFiles";
import { type Marks, mnesiaDownMarks } from "../mnesia/mnesiaMarks";
import type { DirectoryFacts } from "./directory";

/** What the Mnesia files of a manager are worth. */
export interface MnesiaHealth {
  directory: DirectoryVerdict;
  /** Damaged files, each with what is wrong. */
  damaged: string[];
  /** Whom its logs saw going down. */
  marks: Marks;
}

/** More than this of one file is not read for a judgement; its beginning then stands for it. */
const READ_LIMIT = 4 * 1024 * 1024;

/**
 * The same for Mnesia's logs: which other nodes went down, and came up, stands anywhere in them. LeoFS has them written into the tables
 * after 50,000 changes, some 15 MiB at most.
 */
const LOG_LIMIT = 32 * 1024 * 1024;

/** Slowest line that these files are given time for, in bytes a millisecond. */
const SLOWEST = 250;

const LOGS = ["DECISION_TAB.LOG", "PREVIOUS.LOG", "LATEST.LOG"];

const READ = script("leofs/manager/scripts/read-mnesia-files.sh");

/** Examines the Mnesia files of a manager, structure and terms, read-only. */
export async function examineMnesia(
  host: Host,
  listing: DirectoryFacts,
  as: string | undefined,
): Promise<MnesiaHealth> {
  const files = listing.files.filter((file) => file.kind === "f");
  const most = (name: string) => (LOGS.includes(name) ? LOG_LIMIT : READ_LIMIT);
  const bytesRead = files.reduce((sum, { name, bytes }) => sum + Math.min(bytes, most(name)), 0);
  const { stdout } = await host.run(
    READ,
    { directory: listing.path, limit: READ_LIMIT, logs: LOG_LIMIT },
    { as, encoding: "latin1", timeoutMs: 30_000 + bytesRead / SLOWEST },
  );
  const contents = new Map(
    [...parseSections(stdout).contents].map(([name, text]) => [name, Buffer.from(text, "latin1")]),
  );
  const damaged: string[] = [];
  for (const { name, bytes } of files) {
    const content = contents.get(name);
    const verdict = content && examineFile(name, content, bytes);
    if (verdict?.verdict === "damaged") damaged.push(`${name}: ${verdict.why ?? "damaged"}`);
  }
  const logs = LOGS.flatMap((name) => contents.get(name) ?? []);
  const cut = files.find(({ name, bytes }) => LOGS.includes(name) && bytes > LOG_LIMIT)?.name;
  return {
    directory: examineDirectory(files.map(({ name, bytes }) => ({ name, size: bytes }))),
    damaged,
    marks: { ...mnesiaDownMarks(...logs), ...(cut !== undefined && { cut }) },
  };
}

/** What is wrong with the files, in words; empty when nothing is. */
export function healthProblems({ directory, damaged }: MnesiaHealth): string[] {
  if (directory.state === "empty") return ["the directory holds no Mnesia files"];
  const missing = directory.missing.length > 0 ? [`missing: ${directory.missing.join(", ")}`] : [];
  return [...missing, ...directory.problems, ...damaged];
}
