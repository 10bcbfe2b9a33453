import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { FAULTS, isOfEngine } from "./faults";
import type { Recorded } from "./matrix";
import type { Operation } from "./operations";
import type { CaseResult } from "./runCase";
import { SCENARIOS, type Scenario } from "./scenarios";

type Line =
  | { type: "begin"; seed: string }
  | { type: "operations"; scenario: Scenario; operations: Operation[] }
  | ({ type: "case" } & CaseResult);

/** The results of a matrix, one JSON line after the other; a run that was ended goes on from its file. */
export class Results {
  seed = "";
  readonly recorded: Recorded = {};
  readonly cases = new Map<string, CaseResult>();

  private constructor(readonly file: string) {}

  static open(file: string, seed: string): Results {
    const results = new Results(file);
    if (existsSync(file))
      for (const text of readFileSync(file, "utf8").split("\n").filter(Boolean))
        results.take(JSON.parse(text) as Line);
    if (results.seed === "") results.write({ type: "begin", seed });
    return results;
  }

  record(scenario: Scenario, operations: Operation[]): void {
    this.write({ type: "operations", scenario, operations });
  }

  add(result: CaseResult): void {
    this.write({ type: "case", ...result });
  }

  private write(line: Line): void {
    this.take(line);
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }

  private take(line: Line): void {
    if (line.type === "begin") this.seed = line.seed;
    else if (line.type === "operations") this.recorded[line.scenario] = line.operations;
    else {
      const { type: _, ...result } = line;
      this.cases.set(result.id, result);
    }
  }
}

/** The counts of a matrix: scenario by fault, and what was not reached. */
export function table(results: Iterable<CaseResult>): string {
  const all = [...results];
  const count = (some: CaseResult[], ...statuses: string[]) =>
    some.filter(({ status }) => statuses.includes(status)).length;
  const row = (scenario: string, fault: string, some: CaseResult[]) =>
    [
      scenario.padEnd(22),
      fault.padEnd(14),
      ...[
        count(some, "converged", "lost", "failed"),
        count(some, "converged"),
        count(some, "lost"),
        count(some, "failed"),
        count(some, "not reached"),
      ].map((n) => String(n).padStart(10)),
    ].join(" ");
  const head = [
    "scenario".padEnd(22),
    "fault".padEnd(14),
    "     cases  converged       lost     failed  (not met)",
  ].join(" ");
  const rows = SCENARIOS.flatMap((scenario) =>
    FAULTS.map(
      (fault) =>
        [scenario, fault, all.filter((one) => one.scenario === scenario && one.fault === fault)] as const,
    ),
  ).filter(([, , some]) => some.length > 0);
  const kills = all.reduce((sum, { fault, struck }) => sum + (isOfEngine(fault) ? struck : 0), 0);
  const pauses = all.flatMap(({ pauseMs, status }) =>
    pauseMs === undefined || status === "not reached" ? [] : [pauseMs],
  );
  return [
    head,
    ...rows.map(([scenario, fault, some]) => row(scenario, fault, some)),
    row("all", "", all),
    ...(pauses.length > 0
      ? [`the serving manager's longest pause in ${pauses.length} online cases: ${Math.max(...pauses)} ms`]
      : []),
    ...(kills > 0 ? [`the engine was ended ${kills} times in these cases`] : []),
  ].join("\n");
}
