import type { RunOptions, RunResult } from "../../remote/host";
import { call, type Script as NamedScript, type Values } from "../../remote/script";
import { does, type Effect, Exit, reads } from "./played";
import { PLAYED } from "./scripts";
import type { SimulatedMachine, World } from "./world";

type Script = (machine: SimulatedMachine, args: readonly string[], options: RunOptions) => Effect;

/** The product's scripts by something that only one of them has. Anything else is a script the model lacks. */
const SCRIPTS: [string | RegExp, Script][] = [
  [
    /^cat -- "\$1"$/,
    (machine, [path]) =>
      reads(() => {
        const text = machine.file(path!);
        return text === undefined ? { code: 1, stderr: "No such file" } : { stdout: text };
      }),
  ],
  [/^rm -rf -- "\$1"$/, (machine, [path]) => does(() => machine.putTree(path!, undefined))],
  ['dd if=/dev/zero of="$1/room"', () => reads(() => ({}))],
  // Whether a host answers.
  [/^:$/, () => reads(() => ({}))],
];

const found = new Map<string, Script>();

function scriptOf(world: World, text: string): Script {
  const known = found.get(text);
  if (known) return known;
  const matching = SCRIPTS.filter(([mark]) =>
    typeof mark === "string" ? text.includes(mark) : mark.test(text),
  );
  if (matching.length !== 1) {
    const head = text.trim().slice(0, 200);
    world.violate(
      `model: ${matching.length} entries of robustness/simulation/scripts.ts are for this script:\n${head}`,
    );
    return () => reads(() => ({ code: 1 }));
  }
  const [, script] = matching[0]!;
  found.set(text, script);
  return script;
}

const nameOf = (text: string): string => {
  const [mark] = SCRIPTS.find(([one]) => (typeof one === "string" ? text.includes(one) : one.test(text))) ?? [
    "?",
  ];
  return String(mark).replaceAll("\n", " ");
};

/** Plays a named script of the product on a machine of the model. */
export function playScript(
  machine: SimulatedMachine,
  script: NamedScript,
  values: Values,
  options: RunOptions,
): Promise<RunResult> {
  const { world } = machine;
  const { what, args } = call(script, values);
  const played = PLAYED[script.name];
  if (!played) world.violate(`model: robustness/simulation/scripts.ts does not know "${script.name}"`);
  const by = Object.fromEntries(script.names.map((name, at) => [name, args[at]!]));
  const name = world.trace
    ? `${machine.manager.node.split("@")[0]} ${what} ${args.slice(0, 2)}`.slice(0, 200)
    : "";
  return act(world, name, () => (played ? played(machine, by, options) : reads(() => ({ code: 1 }))));
}

/** Runs one of the product's scripts on a machine of the model. */
export function runScript(
  machine: SimulatedMachine,
  text: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const { world } = machine;
  const script = scriptOf(world, text);
  const name = world.trace
    ? `${machine.manager.node.split("@")[0]} ${nameOf(text)} ${args.slice(0, 2)}`.slice(0, 200)
    : "";
  return act(world, name, () => script(machine, args, options));
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
