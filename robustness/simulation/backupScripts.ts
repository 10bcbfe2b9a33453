import { EMPTY, intoBackup, outOfBackup, textFile, withFile } from "./files";
import { treeText } from "./listings";
import { does, Exit, type Played, reads } from "./played";

/** A copy of the Mnesia directory into an unfinished backup. */
export const copy: Played = (machine, { source, partial }) => {
  const tree = machine.tree(source!);
  if (!tree) return reads(() => ({ code: 4 }));
  return {
    steps: [
      () => machine.putTree(partial!, intoBackup(new Map([...tree].slice(0, 1)))),
      () => machine.putTree(partial!, intoBackup(machine.tree(source!)!)),
    ],
    answer: () => {
      const copied = outOfBackup(machine.trees.get(partial!)!);
      return { stdout: treeText("source", machine.tree(source!)) + treeText("copy", copied) };
    },
  };
};

/** Names an unfinished backup. */
export const publish: Played = (machine, { partial, final, manifest }) => {
  const tree = machine.trees.get(partial!);
  if (!tree) throw new Exit(1, `${partial} is not there`);
  const whole = withFile(tree, "manifest.json", textFile(`${manifest}\n`));
  return does(
    () => machine.putTree(partial!, whole),
    () => {
      if (machine.trees.has(final!)) throw new Exit(3, `${final} exists already`);
      machine.putTree(partial!, undefined);
      machine.putTree(final!, whole);
      machine.world.rules.published.push({ host: machine, path: final!, tree: whole });
    },
  );
};

/** Moves a Mnesia directory aside. */
export const clear: Played = (machine, { directory, aside, moved }) => {
  const tree = machine.tree(directory!);
  if (moved && tree) return reads(() => ({}));
  if (tree && tree.size === 0) return reads(() => ({}));
  if (tree && machine.trees.has(aside!))
    throw new Exit(3, `${aside} exists already and ${directory} holds files`);
  const { manager, world } = machine;
  return does(
    () => {
      const now = machine.tree(directory!);
      if (!now) return;
      if (manager.vm?.database) world.rules.violate(`${manager.node} was cleared while it runs`);
      if (/\.outdated-\d+$/.test(aside!)) world.rules.takeBack(machine, now);
      else if (!/\.replica-\d+$/.test(aside!)) world.rules.clear(machine, now);
      machine.putTree(aside!, now);
      machine.putTree(directory!, undefined);
    },
    () => machine.putTree(directory!, EMPTY),
  );
};

/** Sees that there is room for files that are to be put in place. */
export const stage: Played = (machine, { directory, staging }) => {
  const tree = machine.tree(directory!);
  if (tree && tree.size > 0) throw new Exit(3, `${directory} is not empty`);
  return does(() => machine.putTree(staging!, undefined));
};

/** Puts staged files into the place of a Mnesia directory. */
export const place: Played = (machine, { directory, staging }) => {
  const tree = machine.tree(staging!);
  if (!tree) throw new Exit(1, `${staging} is not there`);
  const { manager, world } = machine;
  return does(
    () => {
      const there = machine.tree(directory!);
      if (there && there.size > 0) throw new Exit(1, `${directory} is not empty`);
      machine.putTree(directory!, undefined);
    },
    () => {
      if (manager.vm)
        world.rules.violate(`files were put in the place of those of ${manager.node} while it runs`);
      if (staging !== machine.beside) world.rules.gave(machine, tree);
      machine.putTree(staging!, undefined);
      machine.putTree(directory!, tree);
    },
  );
};
