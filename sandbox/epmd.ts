import { addressing, claimIndex, listens, releaseIndex } from "./addresses";
import { command, eventually } from "./commands";
import { epmdEnvironment } from "./environment";
import { directoryVariable, processesOf } from "./processes";
import type { Requirements } from "./requirements";

const ours = async (directory: string) =>
  (await processesOf(directory)).some((one) => one.program === "epmd");

/** Starts the sandbox's own epmd, unless it runs. False when somebody else has its port. */
async function startEpmd(tools: Requirements, directory: string, index: number): Promise<boolean> {
  if (await ours(directory)) return true;
  const port = addressing.epmdPort(index);
  if (await listens("127.0.0.1", port)) return false;
  const env = { PATH: process.env.PATH, [directoryVariable]: directory, ...epmdEnvironment(index) };
  await command(tools.epmd, ["-daemon"], { env });
  // A daemon that could not listen ends without a word; whoever listens then is not ours.
  await eventually(`epmd on port ${port}`, 5_000, async () =>
    (await listens("127.0.0.1", port)) ? true : undefined,
  );
  return ours(directory);
}

/** Claims an index and starts its epmd; an index whose port somebody else took in that moment is given back. */
export async function claimWithEpmd(
  tools: Requirements,
  directory: string,
  preferred?: number,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const index = await claimIndex(directory, attempt === 1 ? preferred : undefined);
    if (await startEpmd(tools, directory, index)) return index;
    releaseIndex(index, directory);
    if (attempt === 5)
      throw new Error(`no epmd could be started: port ${addressing.epmdPort(index)} was taken`);
  }
}
