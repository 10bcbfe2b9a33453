import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the recordings of a real LeoFS cluster are: `LEOFS_RECORDINGS`, else beside the clone. */
export const recordings =
  process.env.LEOFS_RECORDINGS ?? join(__dirname, "..", "..", "..", "shared", "leofs");
export const recordingsPresent = existsSync(join(recordings, "transcripts"));

/** What a watcher saw of one manager while it came up. */
export interface Sighting {
  seconds: number;
  manager: string;
  what: string;
}

/** One recorded command with what it printed, its exit code, and what was seen after it until the next one. */
export interface Step {
  /** Counted from 1 within the recording. */
  number: number;
  command: string;
  output: string[];
  code: number;
  /** `N bytes, ..., server kept open|closed` lines of the console client. */
  connections: string[];
  sightings: Sighting[];
}

const end = /^ {4}\[exit (\d+), /;
const connection = /^\[(\d+) bytes, last byte after \d+ ms, (server kept open|server closed)\]$/;
const sighting = /^ *(\d+\.\d+)s (manager_\d) (.*)$/;

/** The commands of `transcripts/<name>.txt` in order. Lines between them that are no sightings are commentary. */
export function readRecording(name: string): Step[] {
  const steps: Step[] = [];
  let open: Step | undefined;
  for (const line of readFileSync(join(recordings, "transcripts", `${name}.txt`), "utf8").split("\n")) {
    const seen = sighting.exec(line);
    if (open === undefined) {
      if (line.startsWith("$ ")) {
        open = {
          number: steps.length + 1,
          command: line.slice(2),
          output: [],
          code: 0,
          connections: [],
          sightings: [],
        };
        steps.push(open);
      } else if (seen !== null)
        steps.at(-1)?.sightings.push({ seconds: Number(seen[1]), manager: seen[2]!, what: seen[3]! });
      continue;
    }
    const ended = end.exec(line);
    const connected = connection.exec(line);
    if (ended !== null) {
      open.code = Number(ended[1]);
      open = undefined;
    } else if (connected !== null) open.connections.push(`${connected[1]} bytes, ${connected[2]}`);
    else open.output.push(line);
  }
  return steps;
}

/** Replaces what differs from one cluster to the next: times, keys, hashes (told apart within one output), memory, sizes. */
export function mask(lines: readonly string[]): string[] {
  const hashes = new Map<string, string>();
  const letter = (hash: string) => {
    if (!hashes.has(hash)) hashes.set(hash, `<HASH ${hashes.size + 1}>`);
    return hashes.get(hash)!;
  };
  return lines.map((line) =>
    line
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000/g, "<TIME>")
      .replaceAll(/\b[0-9a-f]{40}\b/g, "<SECRET>")
      .replaceAll(/\b[0-9a-f]{20}\b/g, "<KEY>")
      .replaceAll(/(?<![0-9a-f<])[0-9a-f]{8}(?![0-9a-f@])/g, letter)
      .replaceAll(/"ring_hash_(cur|prev)":\d+/g, '"ring_hash_$1":<NUMBER>')
      .trimEnd(),
  );
}

/** The lines of race-ms.txt (master first) or race-sm.txt (slave first); none without recordings. */
export function readRace(kind: "ms" | "sm"): string[] {
  if (!recordingsPresent) return [];
  return readFileSync(join(recordings, "transcripts", `race-${kind}.txt`), "utf8")
    .split("\n")
    .filter(Boolean);
}
