import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { processorOf } from "./processor";

const EVERY_MS = 200;

/** The process that Pulumi runs a program's dynamic providers in. */
const PROVIDERS = /dynamic-provider/;

/** What the provider processes of a directory came to. */
export interface Providers {
  /** Peak memory of the largest, in MiB. */
  memory: number;
  /** Of all of them, in seconds, as they were last seen. */
  processor: number;
}

/**
 * Watches the provider processes whose working directory this is.
 *
 * @returns ends it
 */
export function watchProviders(directory: string): () => Promise<Providers> {
  let on = true;
  let memory = 0;
  const processor = new Map<string, number>();
  const watching = (async () => {
    while (on) {
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
        const peak = await peakOf(pid, directory);
        if (peak === 0) continue;
        memory = Math.max(memory, peak);
        processor.set(pid, Math.max(processor.get(pid) ?? 0, (await processorOf(Number(pid))).own));
      }
      await pause(EVERY_MS);
    }
  })();
  return async () => {
    on = false;
    await watching;
    return { memory, processor: [...processor.values()].reduce((sum, one) => sum + one, 0) };
  };
}

/** Peak memory in MiB; 0: it is no provider process of this directory. */
async function peakOf(pid: string, directory: string): Promise<number> {
  try {
    if (!PROVIDERS.test(await readFile(`/proc/${pid}/cmdline`, "utf8"))) return 0;
    if ((await readlink(`/proc/${pid}/cwd`)) !== directory) return 0;
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kib ?? 0) / 1024;
  } catch {
    // It ended meanwhile.
    return 0;
  }
}
