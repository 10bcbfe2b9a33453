import { expect, test } from "vitest";
import { type Manifest, sameRing } from "../../../../../leofs/incident/backups/manifest";

test("the ring of the dump is what it was before only while its tables did not change until the stop", () => {
  const manifest = (current: string): Manifest => ({
    schemaVersion: 1,
    kind: "dump",
    node: "manager_1@10.0.0.12",
    role: "slave",
    version: "1.4.4",
    incident: "one",
    takenAt: "",
    files: [],
    tables: { leo_ring_cur: { rows: 1, sha256: current }, leo_ring_prv: { rows: 1, sha256: "p" } },
  });
  expect(sameRing(manifest("a"), manifest("a"))).toBe(true);
  expect(sameRing(manifest("a"), undefined)).toBe(true);
  expect(sameRing(manifest("a"), manifest("b"))).toBe(false);
});
