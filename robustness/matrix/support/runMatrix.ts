import type { Recorded } from "./matrix";
import type { CaseResult, FaultCase } from "./runCase";
import { SCENARIOS, type Scenario } from "./scenarios";
import type { Worker } from "./worker";

/** Records what is not recorded yet, several scenarios at once. */
export async function recordAll(
  workers: readonly Worker[],
  scenarios: readonly Scenario[],
  recorded: Recorded,
  done: (scenario: Scenario, operations: NonNullable<Recorded[Scenario]>) => void,
): Promise<void> {
  const missing = scenarios.filter((scenario) => !recorded[scenario]);
  await Promise.all(
    workers.map(async (worker) => {
      for (let scenario = missing.shift(); scenario; scenario = missing.shift())
        done(scenario, await worker.record(scenario));
    }),
  );
}

/**
 * Runs cases on several workers at once, each scenario's in the given order. A worker stays with its scenario as long
 * as there are cases of it: changing costs a new sandbox.
 *
 * @param until no case is begun once this is true
 * @param first which scenario the first worker begins with
 */
export async function runMatrix(
  workers: readonly Worker[],
  cases: readonly FaultCase[],
  done: (result: CaseResult) => void,
  until: () => boolean = () => false,
  first = 0,
): Promise<void> {
  const queues = SCENARIOS.map((scenario) => cases.filter((one) => one.scenario === scenario));
  await Promise.all(
    workers.map(async (worker, index) => {
      for (;;) {
        const left = queues.filter((queue) => queue.length > 0);
        const own = queues[(first + index) % queues.length]!;
        const queue = own.length > 0 ? own : left.sort((a, b) => b.length - a.length)[0];
        const one = queue?.shift();
        if (!one || until()) return;
        done(await worker.run(one));
      }
    }),
  );
}
