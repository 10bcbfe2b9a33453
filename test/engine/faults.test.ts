import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stackWithEngine } from "../../robustness/matrix/support/engineStack";
import { mayMount } from "../../robustness/matrix/support/faultHosts";
import { isOfAsker } from "../../robustness/matrix/support/faults";
import { casesOf, shuffled } from "../../robustness/matrix/support/matrix";
import { translateProcesses } from "../../robustness/matrix/support/processes";
import { caseId, type FaultCase } from "../../robustness/matrix/support/runCase";
import { SCENARIOS, type Scenario } from "../../robustness/matrix/support/scenarios";
import { type StackMaker, Worker } from "../../robustness/matrix/support/worker";

const seed = process.env.FAULTS_SEED ?? randomBytes(4).toString("hex");
const turn = Number.parseInt(seed.slice(-2), 16) || 0;
const scenarioAt = (offset: number): Scenario => SCENARIOS[(turn + offset) % SCENARIOS.length]!;

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "leofs-recovery-faults-test-"));
  console.log(`sample of the fault matrix: seed ${seed} (FAULTS_SEED=${seed} runs it again)`);
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** A silence takes the product's own 10 to 60 s to be noticed: those are for the whole matrix, but for one of the asking VM. */
const quick = ({ fault }: FaultCase) =>
  !isOfAsker(fault) && !["hang", "replica-hung", "replica-cut"].includes(fault);
const ofAsker = ({ fault, duration }: FaultCase) => isOfAsker(fault) && duration === "once";

/** How many cases of which kind. */
type Picks = readonly (readonly [count: number, kind: (one: FaultCase) => boolean])[];

async function sample(scenario: Scenario, picks: Picks, engine?: StackMaker): Promise<void> {
  const worker = new Worker(await translateProcesses(work), join(work, "evidence"), engine);
  try {
    const recorded = { [scenario]: await worker.record(scenario) };
    expect(recorded[scenario]!.length).toBeGreaterThan(50);
    const all = shuffled(casesOf(recorded, mayMount), seed);
    for (const [count, kind] of picks) {
      let met = 0;
      for (const one of all.filter(kind)) {
        const result = await worker.run(one);
        const { status, problems, ups } = result;
        console.log(`${status} ${result.seconds} s ${caseId(one)}`);
        if (status === "not reached") continue;
        expect({ case: caseId(one), status, problems, ups }).toMatchObject({
          status: "converged",
          problems: [],
        });
        met += 1;
        if (met === count) break;
      }
      expect(met).toBe(count);
    }
  } finally {
    await worker.end();
  }
}

describe("faults at remote operations, chosen by a seed", () => {
  it(`${scenarioAt(0)}, the resources made without the engine: one further up recovers, nothing is lost`, () =>
    sample(scenarioAt(0), [
      [2, quick],
      [1, ofAsker],
    ]));

  it(`${scenarioAt(1)}, through the real engine: one further up recovers, nothing is lost`, () =>
    sample(scenarioAt(1), [[1, quick]], stackWithEngine));
});
