import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../../test/commandLine";
import { type Arguments, HELP, readArguments } from "./arguments";
import { stackWithEngine } from "./support/engineStack";
import { mayMount } from "./support/faultHosts";
import { Interruption } from "./support/interruption";
import { casesOf, inShard, parseCase, sameOperation, shuffled } from "./support/matrix";
import { translateProcesses } from "./support/processes";
import { Results, table } from "./support/results";
import { type CaseResult, caseId, type FaultCase } from "./support/runCase";
import { recordAll, runMatrix } from "./support/runMatrix";
import { Worker } from "./support/worker";

const say = (line: string) => console.log(line);

/** What of a chosen list is still to be run. */
function remaining(cases: readonly FaultCase[], results: Results): FaultCase[] {
  return cases.filter((one) => !results.cases.has(caseId(one)));
}

async function chosen(options: Arguments, workers: Worker[], results: Results): Promise<FaultCase[]> {
  if (options.what === "replay") {
    const wanted = parseCase(options.replay);
    const operations = results.recorded[wanted.scenario] ?? (await workers[0]!.record(wanted.scenario));
    return [{ ...wanted, operation: sameOperation(wanted.operation, operations) }];
  }
  await recordAll(workers, options.scenarios, results.recorded, (scenario, operations) => {
    results.record(scenario, operations);
    say(`recorded ${scenario}: ${operations.length} remote operations`);
  });
  const all = casesOf(results.recorded, mayMount, options.engine).filter(
    ({ scenario, fault, duration }) =>
      options.scenarios.includes(scenario) &&
      (options.faults.length === 0 || options.faults.includes(fault)) &&
      (options.duration ?? duration) === duration,
  );
  const ordered = shuffled(all, results.seed);
  if (!mayMount) say("not root: no disk full, no denied, no short write here");
  say(`the whole matrix has ${all.length} cases`);
  const some = options.what === "sample" ? ordered.slice(0, options.sample) : ordered;
  return some.filter((one) => inShard(one, options.shard));
}

function report(result: CaseResult, done: number, wanted: number, began: number): void {
  const left = ((Date.now() - began) / done) * (wanted - done);
  const eta = new Date(Date.now() + left).toTimeString().slice(0, 5);
  say(`${done}/${wanted} (end about ${eta}) ${result.status} ${result.seconds} s ${result.id}`);
  if (result.status === "converged" || result.status === "not reached") return;
  for (const problem of result.problems) say(`    ${problem.split("\n").join("\n    ")}`);
  for (const up of result.ups) say(`    up: ${up}`);
  say(`    replay: npm run test:faults -- --replay '${result.id}'${result.engine ? " --engine" : ""}`);
}

async function main(options: Arguments): Promise<number> {
  if (options.what === "table") {
    const all = new Map(options.tables.flatMap((one) => [...Results.open(one, "").cases]));
    say(table(all.values()));
    return 0;
  }
  const work = await mkdtemp(join(tmpdir(), "leofs-recovery-matrix-"));
  const file = options.results ?? join(tmpdir(), `leofs-recovery-faults-${Date.now().toString(36)}.jsonl`);
  const results = Results.open(file, options.seed ?? randomBytes(4).toString("hex"));
  const evidence = `${file}.evidence`;
  say(`seed ${results.seed}, results in ${file}`);
  const processes = await translateProcesses(work);
  const workers = Array.from(
    { length: options.jobs },
    () => new Worker(processes, evidence, options.engine ? stackWithEngine : undefined),
  );
  const interruption = new Interruption(workers, work, say);
  const mine: CaseResult[] = [];
  try {
    const cases = await chosen(options, workers, results);
    const open = options.what === "replay" ? cases : remaining(cases, results);
    const began = Date.now();
    const end = began + options.minutes * 60_000;
    await runMatrix(
      workers,
      open,
      (result) => {
        results.add(result);
        mine.push(result);
        report(result, mine.length, open.length, began);
      },
      () => interruption.stopping || Date.now() > end,
      options.shard[0] - 1,
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    await rm(work, { recursive: true, force: true });
  }
  const shown = options.what === "replay" ? mine : [...results.cases.values()];
  say(`\n${table(shown)}\n\nseed ${results.seed}; results in ${file}; evidence of failures in ${evidence}`);
  return shown.some(({ status }) => status === "lost" || status === "failed") ? 1 : 0;
}

// With an engine, what it left open would keep this process.
void commandLine(HELP, readArguments, async (options) => process.exit(await main(options)));
