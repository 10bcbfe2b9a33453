import { note, type Played, reads } from "./played";
import type { SimulatedMachine } from "./world";

/** A service step that stops a manager. */
export const stop: Played = (machine, { node, past, side }) => {
  const { manager } = machine;
  if (past && machine.journal.entries.has(past))
    return reads(() => ({ stdout: `${node} was stopped for this incident before` }));
  const others = side ? otherThanChecked(machine, node!, side) : undefined;
  if (others) return reads(() => ({ code: 1, stdout: others }));
  if (!manager.vm) return reads(() => ({ stdout: `${node} is down already` }));
  const epoch = () => JSON.stringify({ epoch: 1_000 });
  return {
    steps: [
      () => machine.journal.entries.has(`stop.${node}.begun`) || note(machine, `stop.${node}.begun`, epoch()),
      () => {
        machine.world.rules.seeStopped(machine);
        manager.stop();
      },
      () => note(machine, `stop.${node}.done`, epoch()),
    ],
    answer: () => ({ stdout: `${node} stopped` }),
  };
};

/** Why a stop does not go by the settings; undefined: they say what the check noted. */
function otherThanChecked({ journal }: SimulatedMachine, node: string, side: string): string | undefined {
  const checked = journal.entries.get("guard.done");
  if (!checked) return `${node} was not checked for this incident`;
  const { good, nodes } = JSON.parse(checked) as { good: 0 | 1; nodes: string[] };
  return (nodes[good] === node) === (side === "good") ? undefined : "this incident was begun otherwise";
}

/** A service step that starts a manager. */
export const start: Played = ({ manager, journal }, { node, partner, only, ready }) => {
  if (ready && !journal.entries.has(ready) && !journal.entries.has("proven.done"))
    return reads(() => ({ code: 1, stdout: `${node} is not ready to be started` }));
  if (only && manager.startedWith === undefined)
    return reads(() => ({ code: 1, stdout: `${node}: app.config cannot be read` }));
  if (only && manager.role !== only) return reads(() => ({}));
  const stale = manager.vm && partner && manager.startedWith !== partner;
  const again = stale && manager.partnerOf() === partner;
  return {
    steps: [
      ...(again ? [() => manager.stop()] : []),
      ...(again || !manager.vm ? [() => manager.start()] : []),
    ],
    answer: () => {
      if (!manager.vm) return { code: 1, stdout: `${node} did not start` };
      if (partner && manager.startedWith !== partner)
        return {
          code: 1,
          stdout: `${node} runs, but with another partner than ${partner}. Stop it, see why`,
        };
      return { stdout: `${node} runs` };
    },
  };
};
