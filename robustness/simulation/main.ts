import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { commandLine, wholeNumber } from "../../test/commandLine";
import { type Batch, type BatchResult, playBatch, replay } from "./batch";
import type { Kind } from "./history";
import { storyOf } from "./story";
import { tryBreaks } from "./tryBreaks";

const HELP = `npm run test:simulation -- [OPTIONS]     random histories of recoveries: the product's own code against a model of all else

  --histories N      how many (100000); with --breaks: how many at most for each
  --seed N           which (default: new; it is printed)
  --workers N        processes at once (default: the processors, 8 at most)
  --kind K           offline or online recoveries, or moves, only (offline, online or move; default: all)
  --replay SEED:PATH one history that failed, told call by call, as the failed run printed it
  --breaks           breaks rules of the product one by one, and sees the histories find it
  --help

Exit code 1 when something was found.`;

/** Histories of one batch: a worker's piece of work, with a seed of its own. */
const BATCH = 250;

function kindOf(word: string): Kind {
  if (word !== "offline" && word !== "online" && word !== "move")
    throw new Error(`--kind must be offline, online or move, not ${word}`);
  return word;
}

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      histories: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      workers: { type: "string", default: String(Math.min(availableParallelism(), 8)) },
      kind: { type: "string" },
      replay: { type: "string" },
      breaks: { type: "boolean", default: false },
    },
  });
  return {
    kind: values.kind === undefined ? undefined : kindOf(values.kind),
    total: wholeNumber("histories", values.histories),
    seed: wholeNumber("seed", values.seed, 0),
    workers: wholeNumber("workers", values.workers),
    again: values.replay,
    breaks: values.breaks,
  };
}

async function main({
  kind,
  total,
  seed,
  workers,
  again,
  breaks,
}: ReturnType<typeof readArguments>): Promise<number> {
  const say = (line: string) => console.log(line);
  if (again !== undefined) {
    const found = await replay(again, say, kind);
    say(found ? `found: ${found}` : "nothing is wrong with this history");
    return found ? 1 : 0;
  }
  if (breaks) return (await tryBreaks(seed, total, say)) ? 0 : 1;
  say(`simulation: ${total} ${kind ? `${kind} ` : ""}histories, seed ${seed}, ${workers} workers`);
  const started = process.hrtime.bigint();
  const batches = Array.from({ length: Math.ceil(total / BATCH) }, (_, n): Batch => {
    return { seed: seed * 1_000_000 + n, histories: Math.min(BATCH, total - n * BATCH), kind };
  });
  const sum = await playAll(batches, workers);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const { user, system } = process.cpuUsage();
  const processors = ((user + system) / 1e6).toFixed(1);
  say(
    `${sum.histories} histories in ${seconds.toFixed(1)} s (${processors} s of processors): ${Math.round(sum.histories / seconds)} a second`,
  );
  say(
    `${sum.ups} ups, ${sum.failed} of them interrupted, failed or refused; ${sum.calls} remote calls; ${sum.writes} acknowledged writes`,
  );
  say(
    sum.found
      ? storyOf(sum.found, seed, kind)
      : "nothing lost, nothing done twice, no verdict untrue, none left unrecovered",
  );
  return sum.found ? 1 : 0;
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

if (isMainThread) void commandLine(HELP, readArguments, main);
else {
  // Most errors here are answers that a history is judged by; where they came from would take much of the time.
  Error.stackTraceLimit = 0;
  parentPort!.on("message", async (batch: Batch) => parentPort!.postMessage(await playBatch(batch)));
}
