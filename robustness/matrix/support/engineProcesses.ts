import { readdir, readFile, readlink, realpath } from "node:fs/promises";

/** Processes of a stack, by what they are. */
export interface StackProcesses {
  /** The `pulumi` that runs an operation: the engine. */
  engine: number[];
  /** The dynamic providers' host, the command plugin, and the shells that start them. */
  providers: number[];
}

/** Processes of the stack in this directory, which they work in. */
export async function processesOfStack(directory: string): Promise<StackProcesses> {
  const place = await realpath(directory);
  const found: StackProcesses = { engine: [], providers: [] };
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const words = (await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")).split("\0");
    if ((await readlink(`/proc/${name}/cwd`).catch(() => "")) !== place) continue;
    if (/(^|\/)pulumi$/.test(words[0]!)) found.engine.push(Number(name));
    else if (words.some((word) => /dynamic-provider|pulumi-resource-/.test(word)))
      found.providers.push(Number(name));
  }
  return found;
}
