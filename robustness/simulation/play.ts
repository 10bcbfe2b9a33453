import type { RunOptions, RunResult } from "../../remote/host";
import { call, type Script, type Values } from "../../remote/script";
import { type Effect, Exit, reads } from "./played";
import { PLAYED } from "./scripts";
import type { SimulatedMachine, World } from "./world";

/** Plays a script of the product on a machine of the model. */
export function playScript(
  machine: SimulatedMachine,
  script: Script,
  values: Values,
  options: RunOptions,
): Promise<RunResult> {
  const { world } = machine;
  const { what, args } = call(script, values);
  const played = PLAYED[script.name];
  if (!played) world.rules.violate(`model: robustness/simulation/scripts.ts does not know "${script.name}"`);
  const by = Object.fromEntries(script.names.map((name, at) => [name, args[at]!]));
  const name = world.trace
    ? `${machine.manager.node.split("@")[0]} ${what} ${args.slice(0, 2)}`.slice(0, 200)
    : "";
  return act(world, name, () => (played ? played(machine, by, options) : reads(() => ({ code: 1 }))));
}

function act(world: World, name: string, begin: () => Effect): Promise<RunResult> {
  return world.remote(name, () => {
    let ended: Partial<RunResult> | undefined;
    const guarded = <T>(part: () => T, otherwise: T): T => {
      if (ended) return otherwise;
      try {
        return part();
      } catch (error) {
        if (!(error instanceof Exit)) throw error;
        ended = { code: error.code, stderr: error.said };
        return otherwise;
      }
    };
    const { steps, answer } = guarded(begin, NOTHING);
    return {
      steps: steps.length === 0 ? steps : steps.map((step) => () => guarded(step, undefined)),
      answer: () => ({ code: 0, stdout: "", stderr: "", ...guarded(answer, {}), ...ended }),
    };
  });
}

const NOTHING: Effect = { steps: [], answer: () => ({}) };
