import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 200;

/** The process that Pulumi runs a program's dynamic providers in. */
const PROVIDERS = /dynamic-provider/;

/**
 * Watches the peak memory of the provider processes whose working directory this is.
 *
 * @returns ends it, with the peak of the largest of them in MiB
 */
export function watchMemory(directory: string): () => Promise<number> {
  let on = true;
  let peak = 0;
  const watching = (async () => {
    while (on) {
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)))
        peak = Math.max(peak, await peakOf(pid, directory));
      await pause(EVERY_MS);
    }
  })();
  return async () => {
    on = false;
    await watching;
    return peak;
  };
}

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
