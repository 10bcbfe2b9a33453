import { EMPTY, outOfBackup } from "./files";
import { does, Exit, type Played, reads } from "./played";

/** Moves what is in the place of a Mnesia directory aside, and another directory there. */
export const swap: Played = (machine, { directory, incoming, undone }) => {
  const coming = incoming ? machine.tree(incoming) : undefined;
  if (incoming && !coming) return reads(() => ({}));
  const there = machine.tree(directory!);
  if (there && there.size > 0 && machine.trees.has(undone!)) throw new Exit(3, `${undone} exists already`);
  if (there?.size === 0 && !incoming) return reads(() => ({}));
  const { manager, world } = machine;
  return does(
    () => {
      if (manager.vm) world.rules.violate(`files of ${manager.node} were moved while it runs`);
      if (there && there.size > 0) machine.putTree(undone!, there);
      machine.putTree(directory!, undefined);
    },
    () => {
      if (!coming) return;
      machine.putTree(incoming!, undefined);
      machine.putTree(directory!, coming);
    },
  );
};

/** Leaves an empty Mnesia directory, or none. */
export const leave: Played = (machine, { directory, wanted }) => {
  const there = machine.tree(directory!);
  if (wanted === "yes") return there ? reads(() => ({})) : does(() => machine.putTree(directory!, EMPTY));
  return there?.size === 0 ? does(() => machine.putTree(directory!, undefined)) : reads(() => ({}));
};

/** A copy out of a backup. */
export const stageBackup: Played = (machine, { source, staging }) => {
  const tree = outOfBackup(machine.trees.get(source!.replace(/\/mnesia$/, "")) ?? EMPTY);
  return does(
    () => machine.putTree(staging!, new Map([...tree].slice(0, 1))),
    () => machine.putTree(staging!, tree),
  );
};

/** Moves what LeoFS generated at a start away. */
export const moveGenerated: Played = ({ manager }) =>
  does(() => {
    manager.startedWith = undefined;
  });
