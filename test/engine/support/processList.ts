import { Worker } from "node:worker_threads";

/**
 * Looks at every process of the machine again and again, in a thread of its own: a command line lives for some
 * milliseconds only. Kept is what holds one of the words, each command line once.
 */
const WATCH = `
const { readdirSync, readFileSync } = require("node:fs");
const { parentPort, workerData } = require("node:worker_threads");
const signal = new Int32Array(workerData.signal);
const found = new Set();
let looks = 0;
while (Atomics.wait(signal, 0, 0, 2) === "timed-out") {
  looks += 1;
  for (const pid of readdirSync("/proc")) {
    if (pid[0] < "0" || pid[0] > "9") continue;
    let line = "";
    try { line = readFileSync("/proc/" + pid + "/cmdline", "utf8").replaceAll("\\0", " "); } catch { continue; }
    if (workerData.words.some((word) => line.includes(word))) found.add(line);
  }
}
parentPort.postMessage({ looks, lines: [...found] });
`;

/** What a watch over the process list came to. */
export interface Watched {
  /** How often the list was looked at. */
  looks: number;
  /** The command lines that held one of the words. */
  lines: string[];
}

/** Watches the process list for these words until the returned function is called. */
export function watchProcessList(words: readonly string[]): () => Promise<Watched> {
  const shared = new SharedArrayBuffer(4);
  const signal = new Int32Array(shared);
  const worker = new Worker(WATCH, { eval: true, workerData: { words, signal: shared } });
  const ended = new Promise<Watched>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return () => {
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
    return ended;
  };
}
