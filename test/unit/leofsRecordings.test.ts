import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compareDumps, parseDump, summary, TABLES } from "../../leofs/dump";

/** What a real LeoFS 1.4.4 cluster wrote; skipped where the recordings are not at hand. */
const recordings = process.env.LEOFS_RECORDINGS ?? join(__dirname, "../../../shared/leofs");
const data = (name: string) => readFileSync(join(recordings, "data", name));
const present = existsSync(join(recordings, "data"));

describe.skipIf(!present)("recordings of LeoFS 1.4.4 (LEOFS_RECORDINGS)", () => {
  test("a dump is read whole", () => {
    const dump = parseDump(data("dump-mnesia-data.txt"));
    expect([...dump.tables.keys()].sort()).toEqual([...TABLES].sort());
    const counts = summary(dump);
    expect(counts.leo_ring_cur?.rows).toBe(168);
    expect(counts.leo_s3_users?.rows).toBe(5);
    expect(counts.leo_s3_credentials?.rows).toBe(4);
    expect(compareDumps(dump, dump).equal).toBe(true);
  });
});
