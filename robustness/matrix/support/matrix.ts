import { createHash } from "node:crypto";
import { applies, DURATIONS, type Duration, FAULTS, type Fault, isOfEngine, NEEDS_ROOT } from "./faults";
import type { Operation } from "./operations";
import { caseId, type FaultCase } from "./runCase";
import { SCENARIOS, type Scenario } from "./scenarios";

/** The operations of a clean run by scenario, as they were recorded. */
export type Recorded = Partial<Record<Scenario, Operation[]>>;

/** How often an operation with the same words is broken: a poll, or a beat of the lock, at its first and second time. */
const REPEATS = 2;

/**
 * Every case that follows from the recorded operations. `root`: whether faults that need root can be had; `engine`: whether
 * there is an engine to be killed.
 */
export function casesOf(recorded: Recorded, root = true, engine = false): FaultCase[] {
  return SCENARIOS.flatMap((scenario) =>
    (recorded[scenario] ?? [])
      .filter(({ nth }) => nth <= REPEATS)
      .flatMap((operation) =>
        FAULTS.filter(
          (fault) => (root || !NEEDS_ROOT.includes(fault)) && (engine || !isOfEngine(fault)),
        ).flatMap((fault) =>
          DURATIONS.filter((duration) => applies(operation, fault, duration)).map((duration) => ({
            scenario,
            operation,
            fault,
            duration,
          })),
        ),
      ),
  );
}

/**
 * The cases in the order of a seed. First come all that differ in more than the file they are about (a copied directory
 * repeats its words for each of its files), then the repetitions: every beginning is a fair sample of what there is.
 */
export function shuffled(cases: readonly FaultCase[], seed: string): FaultCase[] {
  const hash = (one: FaultCase) =>
    createHash("sha256")
      .update(`${seed}/${caseId(one)}`)
      .digest("hex");
  const ranked = cases.map((one) => ({ one, hash: hash(one) })).sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const seen = new Map<string, number>();
  const rounds = ranked.map(({ one }) => {
    const { scenario, operation, fault, duration } = one;
    const alike = [scenario, operation.host, operation.script, fault, duration].join();
    const round = seen.get(alike) ?? 0;
    seen.set(alike, round + 1);
    return { one, round };
  });
  return rounds.sort((a, b) => a.round - b.round).map(({ one }) => one);
}

/** Whether a case belongs to the Kth of N parts; the same wherever it is asked. */
export const inShard = (one: FaultCase, [part, parts]: readonly [number, number]): boolean =>
  createHash("sha256").update(caseId(one)).digest().readUInt32BE(0) % parts === part - 1;

/** Reads a case's name. @throws when it is none. */
export function parseCase(id: string): FaultCase {
  const [scenario, host, operation, fault, duration] = id.split("/");
  const parts = /^(.*)~([0-9a-f]{8})#(\d+)$/.exec(operation ?? "");
  if (
    !SCENARIOS.includes(scenario as Scenario) ||
    !parts ||
    !host ||
    !FAULTS.includes(fault as Fault) ||
    !DURATIONS.includes(duration as Duration)
  )
    throw new Error(`"${id}" is not the name of a case: SCENARIO/HOST/LABEL~KEY#N/FAULT/once or lasting`);
  return {
    scenario: scenario as Scenario,
    operation: {
      host,
      kind: parts[1] === "open" ? "open" : "script",
      label: parts[1]!,
      key: parts[2]!,
      script: "",
      nth: Number(parts[3]),
    },
    fault: fault as Fault,
    duration: duration as Duration,
  };
}

/** The operation of that name in a recorded run: by its words, or, when a script was edited since, by its label. */
export function sameOperation(wanted: Operation, recorded: readonly Operation[]): Operation {
  const here = recorded.filter(({ host, nth }) => host === wanted.host && nth === wanted.nth);
  const found =
    here.find(({ key }) => key === wanted.key) ?? here.find(({ label }) => label === wanted.label);
  return found ?? wanted;
}
