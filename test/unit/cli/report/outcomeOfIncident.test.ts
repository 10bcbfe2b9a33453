import { describe, expect, it } from "vitest";
import { outcomeOfIncident } from "../../../../cli/report/outcomeOfIncident";
import type { Noted } from "../../../../leofs/incident/journal";
import type { RecoveryOutcome } from "../../../../recovery";

const AT = "2026-11-27T06:50:39.000Z";
const outputs = (verdict: string, incident?: string): RecoveryOutcome => ({
  ...(incident !== undefined && { incident }),
  verdict,
  provenAt: "",
  outageSeconds: 1,
  evidence: ["of the outputs"],
  backups: {},
  debt: [],
  nextSteps: [],
});
const noted = (done: Record<string, Record<string, unknown>>): Noted[] => [
  { begun: new Map(), done: new Map(Object.entries({ guard: { at: AT }, ...done })) },
  { begun: new Map(), done: new Map() },
];

const HALF_WAY = noted({ "clear.manager_1@10.0.0.12": { directory: "/mnesia", aside: "/mnesia.two" } });
const PROVEN = noted({
  proven: { at: AT, outageSeconds: 7, evidence: ["same rows", "debt: storage_0 is down"] },
});
const ROLLED_BACK = noted({ rollback: { at: AT, outageSeconds: 3, evidence: ["as before"] } });

describe("the outcome that a report tells", () => {
  it.each([
    ["of this incident, as its hosts noted it", outputs("recovered", "two"), PROVEN],
    ["of version 0.1.0, which names no incident", outputs("recovered"), PROVEN],
    ["whose journals are gone", outputs("recovered", "two"), []],
    ["of a rollback", outputs("rolled back", "two"), ROLLED_BACK],
    ["of a run of chosen resources", outputs("not finished", "two"), HALF_WAY],
  ])("is that of the outputs %s", (_, said, journals) => {
    expect(outcomeOfIncident("two", said, journals)).toEqual({ outcome: said, gaps: [] });
  });

  it.each([
    ["the incident before", outputs("recovered", "one")],
    ["an incident that is not named", outputs("recovered")],
    ["the same name, used twice", outputs("recovered", "two")],
    ["nothing", undefined],
  ])("is no recovery half-way, though the outputs are of %s", (_, said) => {
    const { outcome, gaps } = outcomeOfIncident("two", said, HALF_WAY);
    expect(outcome).toBeUndefined();
    expect(gaps[0]).toMatch(/HALF-WAY: the recovery of incident two .* pulumi up .* rollback: true/);
    expect(gaps.join()).toContain(said ? "outputs are older (recovered" : "HALF-WAY");
  });

  it("is what the hosts noted where the outputs are older, or lack it since another cluster failed", () => {
    for (const said of [outputs("recovered", "one"), outputs("not finished", "two"), undefined]) {
      const { outcome, gaps } = outcomeOfIncident("two", said, PROVEN);
      expect(outcome).toMatchObject({ verdict: "recovered with debt", provenAt: AT, outageSeconds: 7 });
      expect([outcome?.evidence, outcome?.debt]).toEqual([["same rows"], ["storage_0 is down"]]);
      expect(gaps.join()).toContain("What stands here is what the hosts noted");
    }
    expect(outcomeOfIncident("two", outputs("recovered", "one"), ROLLED_BACK).outcome).toMatchObject({
      verdict: "rolled back",
      provenAt: "",
      evidence: ["as before"],
    });
  });

  it("is none, and says why, where the outputs are of another incident and no host knows of this one", () => {
    const { outcome, gaps } = outcomeOfIncident("two", outputs("recovered", "one"), []);
    expect(outcome).toBeUndefined();
    expect(gaps.join()).toContain("outputs are older (recovered, one)");
  });
});
