import { expect, test } from "vitest";
import { writtenSinceDump } from "../../../../leofs/pair/earlierLoad";

const NODE = "manager_1@10.0.0.12";
const at = "2026-11-22T03:00:00.000Z";
const journal = (load: string, files: object = { path: "/b/files-001" }) => ({
  begun: new Map(),
  done: new Map<string, Record<string, unknown>>([
    ["dump", { path: "/b/dump-001", at }],
    [`files.${NODE}`, { ...files }],
    ["load", { file: load, at }],
  ]),
});

test("what was written between the dump and the stop is told where that dump was loaded", () => {
  const told = writtenSinceDump(journal("/b/dump-001/dump.txt"), NODE);
  expect(told).toMatch(
    /after its dump \(2026-11-22T03:00:00.000Z\) .* is not in the pair: .* kept: \/b\/files-001/,
  );
});

test("nothing is told of a dump of the files themselves, nor where there were no files", () => {
  expect(writtenSinceDump(journal("/b/final-001/dump.txt"), NODE)).toBeUndefined();
  expect(writtenSinceDump(journal("/b/dump-001/dump.txt", {}), NODE)).toBeUndefined();
  expect(writtenSinceDump({ begun: new Map(), done: new Map() }, NODE)).toBeUndefined();
});
