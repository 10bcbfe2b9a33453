/**
 * Plays random histories of recoveries against the product's own code and a model of everything else:
 *
 *   npm run test:simulation -- --histories 100000 --seed 7     more, or again the same ones
 *   npm run test:simulation -- --replay 12:34:0:1              one that failed, told call by call
 *   npm run test:simulation -- --breaks --histories 2000       breaks rules of the product, and sees itself find it
 *
 * Prints the seed, how fast it went and what it saw. Exit code 1 when something was found.
 */
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { type Batch, type BatchResult, playBatch, replay } from "./batch";
import { storyOf } from "./story";
import { tryBreaks } from "./tryBreaks";

/** Histories of one batch: a worker's piece of work, with a seed of its own. */
const BATCH = 250;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      histories: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      workers: { type: "string", default: String(Math.min(availableParallelism(), 8)) },
      replay: { type: "string" },
      breaks: { type: "boolean", default: false },
    },
  });
  if (values.replay) {
    const found = await replay(values.replay, (line) => console.log(line));
    console.log(found ? `found: ${found}` : "nothing is wrong with this history");
    process.exitCode = found ? 1 : 0;
    return;
  }
  const total = Number(values.histories);
  const seed = Number(values.seed);
  if (values.breaks) {
    process.exitCode = (await tryBreaks(seed, total, (line) => console.log(line))) ? 0 : 1;
    return;
  }
  console.log(`simulation: ${total} histories, seed ${seed}, ${values.workers} workers`);
  const started = process.hrtime.bigint();
  const batches = Array.from({ length: Math.ceil(total / BATCH) }, (_, n): Batch => {
    return { seed: seed * 1_000_000 + n, histories: Math.min(BATCH, total - n * BATCH) };
  });
  const sum = await playAll(batches, Number(values.workers));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const { user, system } = process.cpuUsage();
  console.log(
    `${sum.histories} histories in ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processors): ${Math.round(sum.histories / seconds)} a second`,
  );
  console.log(
    `${sum.ups} ups, ${sum.failed} of them broken off, failed or refused; ${sum.calls} remote calls; ${sum.writes} acknowledged writes`,
  );
  if (!sum.found)
    return console.log("nothing lost, nothing done twice, no verdict untrue, none left unrecovered");
  console.log(storyOf(sum.found, seed));
  process.exitCode = 1;
}

/** Shares the batches among worker threads; ends early when one has found something. */
async function playAll(batches: Batch[], width: number): Promise<BatchResult> {
  const sum: BatchResult = { histories: 0, ups: 0, failed: 0, calls: 0, writes: 0, found: undefined };
  const work = async () => {
    // Types were checked by whoever compiled this file; most of what a history makes is gone before it ends.
    const worker = new Worker(__filename, {
      execArgv: ["-r", "ts-node/register/transpile-only"],
      resourceLimits: { maxYoungGenerationSizeMb: 128 },
    });
    try {
      for (let batch = batches.shift(); batch && !sum.found; batch = batches.shift()) {
        worker.postMessage(batch);
        const [result] = (await once(worker, "message")) as [BatchResult];
        for (const key of ["histories", "ups", "failed", "calls", "writes"] as const) sum[key] += result[key];
        sum.found ??= result.found;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return sum;
}

if (isMainThread) void main();
else parentPort!.on("message", async (batch: Batch) => parentPort!.postMessage(await playBatch(batch)));
