import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { automation } from "@pulumi/pulumi";
import type { RecoveryOutcome } from "../../../recovery";
import { eventually } from "../../../sandbox/commands";
import { ensureCommandPlugin } from "../../../tools/commandPlugin";
import { type Engine, ensureEngine } from "../../../tools/engine";
import { packageRoot } from "../../../tools/paths";
import type { ConfigValue } from "../../../tools/stackConfig";
import { StackEvents } from "../../../tools/stackEvents";
import { openStack, type ThrowAwayStack } from "../../../tools/workspace";
import { processesOfStack } from "./engineProcesses";
import { isOfEngine, signalOf } from "./faults";
import { CLUSTER } from "./scenarios";
import type { FaultStack, UpResult } from "./ups";

/**
 * A stack of the real Pulumi engine. What is killed are the processes of its providers (the dynamic providers' host and
 * the command plugin), or the engine itself.
 *
 * The program runs in this process, so only one such stack may be up at a time.
 */
export async function stackWithEngine(
  _directory: string,
  clusters: Record<string, unknown>,
): Promise<FaultStack> {
  const found = await ensureEngine();
  const plugin = await ensureCommandPlugin(found);
  const engine = await inItsOwnGroup(found);
  let opened: ThrowAwayStack | undefined;
  let ended = false;
  const reset = async () => {
    await opened?.remove();
    opened = undefined;
  };
  return {
    reset,
    end: async () => {
      ended = true;
      if (opened)
        for (const pid of Object.values(await processesOfStack(opened.directory)).flat())
          process.kill(pid, "SIGKILL");
      await reset();
      await rm(engine.root, { recursive: true, force: true });
    },
    async up() {
      if (ended) throw new Error("this stack was ended");
      const entry = join(packageRoot(), "dist", "index.js");
      const config = { clusters: clusters as { [key: string]: ConfigValue } };
      opened ??= await openStack({ engine, plugin, name: "faults", entry, config });
      const { stack, directory } = opened;
      const events = new StackEvents();
      const began = performance.now();
      let killed: UpResult["killed"] = "no";
      let signalled = false;
      const ran = stack.up({ onEvent: events.onEvent }).then(
        ({ outputs }) => ({ outcome: outputs.outcome?.value?.[CLUSTER] as RecoveryOutcome, error: "" }),
        (error: Error) => ({ outcome: undefined, error: error.message }),
      );
      return {
        async kill(why, fault) {
          if (killed !== "no") return;
          killed = why;
          const { engine, providers } = await processesOfStack(directory);
          if (fault && isOfEngine(fault)) {
            const { signal, group } = signalOf(fault);
            for (const pid of engine) process.kill(group ? -pid : pid, signal);
            signalled = true;
          } else for (const pid of providers) process.kill(pid, "SIGKILL");
        },
        result: ran.then(async ({ outcome, error }): Promise<UpResult> => {
          if (signalled) await afterEngine(opened!);
          const errors = events.messages().filter(({ severity }) => severity === "error");
          const said = errors.length > 0 ? errors.map(({ message }) => message) : [error];
          return {
            succeeded: error === "",
            killed,
            errors: error === "" ? [] : said,
            operations: events.operations(),
            outcome,
            seconds: (performance.now() - began) / 1000,
          };
        }),
      };
    },
  };
}

/** Longest that what an engine started may outlive it: a service step that runs comes to its end. */
const OUTLIVING_MS = 100_000;

/** After an engine was killed: its providers must end by themselves, and `pulumi cancel` frees the stack. */
async function afterEngine({ stack, directory }: ThrowAwayStack): Promise<void> {
  await eventually("the end of every provider of an engine that is gone", OUTLIVING_MS, async () => {
    const { engine, providers } = await processesOfStack(directory);
    return engine.length + providers.length === 0 ? true : undefined;
  });
  await stack.cancel();
}

/** The engine in a process group of its own, as a shell starts it: this process must not get the group's signals. */
async function inItsOwnGroup(engine: Engine): Promise<Engine & { root: string }> {
  const root = await mkdtemp(join(tmpdir(), "leofs-recovery-engine-"));
  const own = join(root, "bin", "pulumi");
  await mkdir(dirname(own));
  await writeFile(
    own,
    `#!/bin/sh\nPATH=${engine.directory}:$PATH exec setsid ${join(engine.directory, "pulumi")} "$@"\n`,
    { mode: 0o755 },
  );
  return { ...engine, root, command: await automation.PulumiCommand.get({ root, skipVersionCheck: true }) };
}
