import { note, type Played, reads } from "./played";

/** A service step that stops a manager. */
export const stop: Played = (machine, { node, past }) => {
  const { manager } = machine;
  if (past && machine.journal.entries.has(past))
    return reads(() => ({ stdout: `${node} was stopped for this incident before` }));
  if (!manager.machine) return reads(() => ({ stdout: `${node} is down already` }));
  const epoch = () => JSON.stringify({ epoch: 1_000 });
  return {
    steps: [
      () => machine.journal.entries.has(`stop.${node}.begun`) || note(machine, `stop.${node}.begun`, epoch()),
      () => {
        machine.world.seeStopped(machine);
        manager.stop();
      },
      () => note(machine, `stop.${node}.done`, epoch()),
    ],
    answer: () => ({ stdout: `${node} stopped` }),
  };
};

/** A service step that starts a manager. */
export const start: Played = ({ manager }, { node, partner, only }) => {
  if (only && manager.startedWith === undefined)
    return reads(() => ({ code: 1, stdout: `${node}: app.config cannot be read` }));
  if (only && manager.role !== only) return reads(() => ({}));
  const stale = manager.machine && partner && manager.startedWith !== partner;
  const again = stale && manager.partnerOf() === partner;
  return {
    steps: [
      ...(again ? [() => manager.stop()] : []),
      ...(again || !manager.machine ? [() => manager.start()] : []),
    ],
    answer: () => {
      if (!manager.machine) return { code: 1, stdout: `${node} did not start` };
      if (partner && manager.startedWith !== partner)
        return {
          code: 1,
          stdout: `${node} runs, but with another partner than ${partner}. Stop it, see why`,
        };
      return { stdout: `${node} runs` };
    },
  };
};
