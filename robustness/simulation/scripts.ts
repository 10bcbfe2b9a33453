import type { RunResult } from "../../remote/host";
import { clear, copy, place, publish, stage } from "./backupScripts";
import { dump, extract, load } from "./dumpScripts";
import { liftFence, lookAtFence, putUpFence } from "./fenceScripts";
import { EMPTY } from "./files";
import { section } from "./journalNotes";
import { list, treeText } from "./listings";
import { lookText } from "./looks";
import { does, type Effect, note, type Played, reads, split } from "./played";
import { leave, moveGenerated, stageBackup, swap } from "./rollbackScripts";
import { start, stop } from "./serviceScripts";
import type { SimulatedMachine } from "./world";

/** What `place NAME PATH` prints of a directory that is there, may be written, and has room. */
const placeText = (name: string, path: string): string =>
  `@= ${name}.path ${path}\n@= ${name}.exists yes\n@= ${name}.nearest ${path}\n@= ${name}.writable yes\n` +
  `@= ${name}.rights drwxr-xr-x leofs\n@= ${name}.real ${path}\n@= ${name}.disk 1000000 /\n@= ${name}.inodes 1000 1000\n`;

const replaceConf: Played = (machine, { kept }, { stdin }) =>
  does(
    () => {
      if (!machine.files.has(kept!)) machine.files.set(kept!, machine.conf);
    },
    () => {
      machine.conf = String(stdin);
    },
  );

/** What a file holds, or what a script ends with where there is none. */
const fileOr = (machine: SimulatedMachine, path: string, missing: Partial<RunResult>): Effect =>
  reads(() => {
    const text = machine.file(path);
    return text === undefined ? missing : { stdout: text };
  });

/** The product's scripts by name. */
export const PLAYED: Record<string, Played> = {
  stop,
  start,
  "look at places": (_, { home, etc, mnesia, backups }) =>
    reads(() => ({
      stdout:
        `@= user leofs\n@= home ${home}\n` +
        Object.entries({ mnesia, parent: `${mnesia}/..`, etc, log: `${home}/log`, pipes: "/tmp", backups })
          .map(([name, path]) => placeText(name, path!))
          .join(""),
    })),
  "look at place": (_, { path }) => reads(() => ({ stdout: placeText("it", path!) })),
  "see processes": () => reads(() => ({ stdout: "@= user leofs\n@= seen yes\n" })),
  "try conf": () => reads(() => ({ stdout: "@= tried yes\n@= app yes\n@= vm yes\n" })),
  "read file": (machine, { path }) => fileOr(machine, path!, { code: 1, stderr: "No such file" }),
  "read journal": (machine) => reads(() => ({ stdout: machine.journal.text })),
  "write journal": (machine, { entry, record }) => does(() => note(machine, entry!, record!)),
  "prepare directory": () => does(() => undefined),
  "list backups": ({ trees, incident }) =>
    reads(() => ({
      stdout: [...trees]
        .filter(
          ([path, tree]) =>
            path.startsWith(`${incident}/`) && tree.has("manifest.json") && !path.includes("/."),
        )
        .map(([path]) => `${split(path)[1]}\n`)
        .join(""),
    })),
  "new directory": (machine, { path }) => does(() => machine.putTree(path!, EMPTY)),
  "take dump": dump,
  "hash tree": (machine, { directory }) => reads(() => ({ stdout: treeText("t", machine.tree(directory!)) })),
  "publish backup": publish,
  "read manifest": (machine, { path }) =>
    reads(() => {
      const text = machine.file(`${path}/manifest.json`);
      return { stdout: text === undefined ? "" : section("manifest", text) };
    }),
  "back up files": copy,
  "clear directory": clear,
  "make way": stage,
  "put in place": place,
  "set modes": () => does(),
  "replica directory": (machine, { beside }) => ({
    steps: [() => machine.putTree(beside!, undefined), () => machine.putTree(beside!, EMPTY)],
    answer: () => ({ stdout: "755" }),
  }),
  look: (machine) => reads(() => ({ stdout: lookText(machine) })),
  "list directory": (machine, { directory }) => reads(() => ({ stdout: list(machine.tree(directory!)) })),
  "find processes": ({ manager }) => reads(() => ({ stdout: String(manager.vm?.pid ?? "") })),
  // A start of the model is there at once.
  "find start": () => reads(() => ({})),
  "new file": (machine, { path }) => does(() => void machine.files.set(path!, "")),
  "remove file": (machine, { path }) => does(() => void machine.files.delete(path!)),
  "clear work": (machine, { directory }) =>
    does(() => {
      const isWork = (path: string) => /\/\.(proof-|load-|.*\.partial$)/.test(path.slice(directory!.length));
      const below = (path: string) => path.startsWith(`${directory}/`) && isWork(path);
      for (const path of [...machine.files.keys()].filter(below)) machine.files.delete(path);
      for (const path of [...machine.trees.keys()].filter(below)) machine.putTree(path, undefined);
    }),
  "replace conf": replaceConf,
  "read kept conf": (machine, { path }) => fileOr(machine, path!, { code: 4 }),
  "load dump": load,
  "dump copy": extract,
  "swap directories": swap,
  "leave directory": leave,
  "stage backup": stageBackup,
  "move generated": moveGenerated,
  "remove directory": (machine, { path }) => does(() => machine.putTree(path!, undefined)),
  // The model's discs have room.
  "room to load": () => reads(() => ({})),
  nothing: () => reads(() => ({})),
  "what is": ({ trees }, { path }) => reads(() => ({ stdout: trees.has(path!) ? "something" : "nothing" })),
  "look at fence": lookAtFence,
  "put up fence": putUpFence,
  "lift fence": liftFence,
  // No machine of the model has systemd.
  "rest unit": () => reads(() => ({})),
  clock: () => reads(() => ({ stdout: "1013.5" })),
};
