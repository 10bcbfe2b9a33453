import { expect, test } from "vitest";
import { Journal } from "../../../../leofs/incident/journal";
import { Incident } from "../../../../leofs/incident/readIncident";
import type { IncidentPlace } from "../../../../leofs/manager/lookedAt";
import { returnText } from "../../../../providers/nodes/nodeConfs";
import { MASTER } from "../../support/views";

const nodes = (...names: string[]) => names.map((name) => ({ node: `${name}@10.0.0.31`, type: "storage" }));

/** What a rollback would do about confs, by what the journal has. */
function text(begun: object, done: object): string {
  const journal = new Journal({} as IncidentPlace);
  journal.begun.set("nodes", { ...begun });
  journal.done.set("nodes", { ...done });
  return returnText(new Incident("one", new Map([[MASTER, journal]]))).join();
}

test("confs that a run set out to change, and ended, are put back, whatever its operator's clock says", () => {
  const first = { nodes: nodes("a", "b"), round: 1, at: "2026-11-26T15:00:00.000Z" };
  const second = { nodes: nodes("a", "b", "c"), round: 2, at: "2026-11-26T14:10:00.000Z" };
  expect(text(second, first)).toContain("confs of 3 storage and gateway nodes");
  expect(text({ ...second, round: 1 }, first)).toContain("confs of 2 storage and gateway nodes");
});
