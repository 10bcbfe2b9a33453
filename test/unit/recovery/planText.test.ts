import { describe, expect, it } from "vitest";
import { hazard, notReached, unseen, urgent } from "../../../leofs/planLine";
import { planLines, planText, type SeenStep } from "../../../recovery/planText";

const RISK = "No data.";
const steps: SeenStep[] = [
  {
    title: "check both managers",
    plan: [
      "takeover of manager_0@10.0.0.11, incident lost",
      hazard("gateway_0@10.0.0.61 does not answer"),
      "found: manager_0@10.0.0.11 does not answer",
    ],
  },
  { title: "stop manager_1@10.0.0.12", detail: "/leofs/bin/leo_manager stop", plan: undefined },
  { title: "back up the files", plan: ["2 files, 40 kB", "  schema.DAT  28 kB", "  LATEST.LOG  12 kB"] },
];

describe("the plan as one screen", () => {
  const text = planText(steps, RISK, 100) ?? "";

  it("numbers the steps, and leaves the details to the outputs", () => {
    expect(text).toContain("3. back up the files\n     2 files, 40 kB\n");
    expect(text).not.toContain("LATEST.LOG");
    expect(text).not.toContain("/leofs/bin/leo_manager stop");
    expect(planLines(steps)).toContain("       LATEST.LOG 12 kB");
    expect(planLines(steps)).toContain("       /leofs/bin/leo_manager stop");
  });

  it("says first what stops it, then the hazards, each once, and last what is at risk", () => {
    const refused = "WOULD BE REFUSED: a rebalance is under way";
    const stopped = [...steps, { title: "registration", plan: [urgent(refused), urgent(refused)] }];
    const lines = planText(stopped, RISK, 100)?.split("\n") ?? [];
    expect(lines.slice(0, 3)).toEqual([refused, "hazard: gateway_0@10.0.0.61 does not answer", ""]);
    expect(lines.filter((line) => line.includes("WOULD BE"))).toHaveLength(1);
    expect(lines.at(-1)).toBe("At risk: No data.");
  });

  it("says once that a host is not reached, not for every step", () => {
    const said = "NOT REACHED: manager_1@10.0.0.12: no answer";
    const blind = [
      { title: "check", plan: [notReached("manager_1@10.0.0.12: no answer")] },
      { title: "dump", plan: [unseen("manager_1@10.0.0.12", "no answer")] },
    ];
    expect(planText(blind, RISK, 100)).toBe(`${said}\n\n1. check\n2. dump\n\nAt risk: ${RISK}`);
    expect(planText(blind.slice(1), RISK, 100)).toMatch(/^manager_1@10.0.0.12 cannot be looked at now: no/);
  });

  it.each([60, 80, 140])("is no wider than %i columns, but for single words", (width) => {
    const long = [{ title: `stop ${"word ".repeat(60)}`, plan: [hazard("more ".repeat(80))] }];
    for (const line of planText(long, RISK, width)!.split("\n"))
      expect(line.length).toBeLessThanOrEqual(width);
  });

  it("marks a step that is done, and is nothing once all of them are", () => {
    const done = steps.map((step) => ({ ...step, plan: step.plan && [] }));
    expect(planText(done, RISK, 100)).toBeUndefined();
    expect(planLines(done)).toEqual([]);
    expect(planText([{ title: "dump", plan: [] }, steps[2]!], RISK, 100)).toContain("1. dump - done\n");
  });
});
