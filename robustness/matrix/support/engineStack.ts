import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { RecoveryOutcome } from "../../../recovery";
import { ensureCommandPlugin } from "../../../tools/commandPlugin";
import { ensureEngine } from "../../../tools/engine";
import { packageRoot } from "../../../tools/paths";
import type { ConfigValue } from "../../../tools/stackConfig";
import { StackEvents } from "../../../tools/stackEvents";
import { openStack, type ThrowAwayStack } from "../../../tools/workspace";
import { CLUSTER } from "./scenarios";
import type { FaultStack, UpResult } from "./ups";

/**
 * A stack of the real Pulumi engine. What is killed are the processes of its providers: the dynamic providers' host and
 * the command plugin.
 *
 * The program runs in this process, so only one such stack may be up at a time.
 */
export async function stackWithEngine(
  _directory: string,
  clusters: Record<string, unknown>,
): Promise<FaultStack> {
  const engine = await ensureEngine();
  const plugin = await ensureCommandPlugin(engine);
  let opened: ThrowAwayStack | undefined;
  const reset = async () => {
    await opened?.remove();
    opened = undefined;
  };
  return {
    reset,
    end: reset,
    async up() {
      const entry = join(packageRoot(), "dist", "index.js");
      const config = { clusters: clusters as { [key: string]: ConfigValue } };
      opened ??= await openStack({ engine, plugin, name: "faults", entry, config });
      const { stack, directory } = opened;
      const events = new StackEvents();
      const began = performance.now();
      let killed: UpResult["killed"] = "no";
      const ran = stack.up({ onEvent: events.onEvent }).then(
        ({ outputs }) => ({ outcome: outputs.outcome?.value?.[CLUSTER] as RecoveryOutcome, error: "" }),
        (error: Error) => ({ outcome: undefined, error: error.message }),
      );
      return {
        async kill(why) {
          if (killed !== "no") return;
          killed = why;
          for (const pid of await providersOf(directory)) process.kill(pid, "SIGKILL");
        },
        result: ran.then(({ outcome, error }): UpResult => {
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

/** Process ids of the providers that the engine started for the stack in this directory, which they work in. */
async function providersOf(directory: string): Promise<number[]> {
  const place = await realpath(directory);
  const found = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const chosen = await Promise.all(
    found.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (!/dynamic-provider|pulumi-resource-command/.test(words)) return false;
      return (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === place;
    }),
  );
  return found.filter((_, at) => chosen[at]);
}
