import { textOf } from "../../leofs/erlang/term";
import { STOP, stopValues } from "../../leofs/manager/control";
import type { Break } from "./breaks";
import { machineOf, SimulatedHost } from "./host";
import { ATOMIC, TAKEN_OUT } from "./onlineBreaks";
import { LOST } from "./scene";

/** Rules of a move, broken on purpose. */
const BREAKS: readonly Break[] = [
  {
    name: "the one that moves is stopped only once the new one has every table",
    broken: () => ({
      manager: (manager) => ({
        ask: async (question, values = {}, options) => {
          const moving = machineOf(manager.host).world.machines[2]!;
          const spec = { node: LOST, home: moving.home };
          if (question.name === "join replica") await new SimulatedHost(moving).run(STOP, stopValues(spec));
          return manager.ask(question, values, options);
        },
      }),
    }),
  },
  {
    name: "a replica that the old one brings back after a rollback is taken out once more",
    broken: () => ({
      manager: (manager) => ({
        ask: async (question, values = {}, options) => {
          const { journal } = machineOf(manager.host);
          return question.name === "drop node" &&
            textOf(values.Node) !== LOST &&
            journal.entries.has("rollback.done")
            ? ATOMIC
            : manager.ask(question, values, options);
        },
      }),
    }),
  },
  TAKEN_OUT,
];

export const MOVE_BREAKS = BREAKS.map((one): Break => ({ ...one, name: `move: ${one.name}`, kind: "move" }));
