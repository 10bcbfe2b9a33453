import type { RunOptions, RunResult } from "../../remote/host";
import { call, type Script as NamedScript, type Values } from "../../remote/script";
import { EMPTY, intoBackup, outOfBackup, readMnesia, textFile, withFile } from "./files";
import { noted, section } from "./journalNotes";
import { list, treeText } from "./listings";
import { lookText } from "./looks";
import { merged, parseRows } from "./rows";
import { clock, type RemoteEffect, type SimulatedMachine, type World } from "./world";

/** What a script does to a machine, step by step, and what it then prints. */
type Effect = RemoteEffect<Partial<RunResult>>;

/** Ends a script with an exit code, like `exit` in it. */
class Exit extends Error {
  constructor(
    readonly code: number,
    readonly said: string,
  ) {
    super(said);
  }
}

type Script = (machine: SimulatedMachine, args: readonly string[], options: RunOptions) => Effect;

/** What a named script does, its values by name. */
type Played = (machine: SimulatedMachine, values: Record<string, string>, options: RunOptions) => Effect;

const reads = (answer: () => Partial<RunResult>): Effect => ({ steps: [], answer });
const does = (...steps: (() => void)[]): Effect => ({ steps, answer: () => ({}) });

function note(machine: SimulatedMachine, entry: string, text: string): void {
  machine.journal = noted(machine.journal, entry, text);
}

const stop: Played = (machine, { node, past }) => {
  const { manager } = machine;
  if (past && machine.journal.entries.has(past))
    return reads(() => ({ stdout: `${node} was stopped for this incident before` }));
  if (!manager.machine) return reads(() => ({ stdout: `${node} is down already` }));
  const epoch = () => JSON.stringify({ epoch: 1_000 });
  return {
    steps: [
      () => machine.journal.entries.has(`stop.${node}.begun`) || note(machine, `stop.${node}.begun`, epoch()),
      () => manager.stop(),
      () => note(machine, `stop.${node}.done`, epoch()),
    ],
    answer: () => ({ stdout: `${node} stopped` }),
  };
};

const start: Played = ({ manager }, { node, partner, only }) => {
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

/** A dump of the rows as they are, into a file; nothing when the manager does not serve. */
const dump: Played = (machine, { file }) => {
  const database = machine.manager.serves;
  if (!database) return reads(() => ({ code: 1, stdout: "Cannot connect Node" }));
  const write = (text: string) => {
    const [directory, name] = split(file!);
    const tree = machine.trees.get(directory);
    if (tree) machine.trees.set(directory, withFile(tree, name, textFile(text)));
    else machine.files.set(file!, text);
  };
  return does(
    () => write("{cut"),
    () => write(database.rows.text),
  );
};

const load: Played = (machine, { file: path }) => {
  const database = machine.manager.serves;
  const file = machine.file(path!);
  const rows = file === undefined ? undefined : parseRows(file);
  if (!database || !rows) return reads(() => ({ code: 1, stdout: "" }));
  const { world } = machine;
  return {
    steps: [
      () => {
        if (clock.now < database.lateAt)
          world.violate("loaded while tables were missing: they are in memory only");
        world.loads += 1;
        database.rows = merged(database.rows, rows);
      },
    ],
    answer: () => ({ code: 1, stdout: ENTERED }),
  };
};
const ENTERED = Array.from(
  { length: 22 },
  (_, n) => `** Table t${n} already exists on 'x', just entering data\n`,
).join("");

const split = (path: string): [string, string] => {
  const cut = path.lastIndexOf("/");
  return [path.slice(0, cut), path.slice(cut + 1)];
};

/** A copy of the Mnesia directory into an unfinished backup. */
const copy: Played = (machine, { source, partial }) => {
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

const publish: Played = (machine, { partial, final, manifest }) => {
  const tree = machine.trees.get(partial!);
  if (!tree) throw new Exit(1, `${partial} is not there`);
  const whole = withFile(tree, "manifest.json", textFile(`${manifest}\n`));
  return does(
    () => machine.putTree(partial!, whole),
    () => {
      if (machine.trees.has(final!)) throw new Exit(3, `${final} exists already`);
      machine.putTree(partial!, undefined);
      machine.putTree(final!, whole);
      machine.world.published.push({ host: machine, path: final!, tree: whole });
    },
  );
};

const clear: Played = (machine, { directory, aside, moved }) => {
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
      if (manager.machine?.database) world.violate(`${manager.node} was cleared while it runs`);
      if (/\.outdated-\d+$/.test(aside!)) world.takeBack(machine, now);
      else world.clear(machine, now);
      machine.putTree(aside!, now);
      machine.putTree(directory!, undefined);
    },
    () => machine.putTree(directory!, EMPTY),
  );
};

/** The rows of a backup's files, or of a stopped manager's own, as the Erlang of the release reads them. */
const extract: Played = (machine, { files, partial }) => {
  const [backup] = split(files!);
  const held = readMnesia(
    (files === machine.mnesia
      ? machine.manager.directory
      : outOfBackup(machine.trees.get(backup) ?? EMPTY)) ?? EMPTY,
  );
  if (!held) return reads(() => ({ code: 1, stdout: "{error,corrupt}" }));
  const write = (text: string) => machine.putTree(partial!, withFile(EMPTY, "dump.txt", textFile(text)));
  return does(
    () => write("{cut"),
    () => write(held.rows.text),
  );
};

const stage: Played = (machine, { directory, staging }) => {
  const tree = machine.tree(directory!);
  if (tree && tree.size > 0) throw new Exit(3, `${directory} is not empty`);
  return does(() => machine.putTree(staging!, undefined));
};

const place: Played = (machine, { directory, staging }) => {
  const tree = machine.trees.get(staging!);
  if (!tree) throw new Exit(1, `${staging} is not there`);
  const { manager, world } = machine;
  return does(
    () => {
      const there = machine.tree(directory!);
      if (there && there.size > 0) throw new Exit(1, `${directory} is not empty`);
      machine.putTree(directory!, undefined);
    },
    () => {
      if (manager.machine)
        world.violate(`files were put in the place of those of ${manager.node} while it runs`);
      world.gave(machine, tree);
      machine.putTree(staging!, undefined);
      machine.putTree(directory!, tree);
    },
  );
};

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
const PLAYED: Record<string, Played> = {
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
  "remove directory": (machine, { path }) => does(() => machine.putTree(path!, undefined)),
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
  look: (machine) => reads(() => ({ stdout: lookText(machine) })),
  "list directory": (machine, { directory }) => reads(() => ({ stdout: list(machine.tree(directory!)) })),
  "find processes": ({ manager }) => reads(() => ({ stdout: String(manager.machine?.pid ?? "") })),
  // A start of the model is there at once.
  "find start": () => reads(() => ({})),
  "new file": (machine, { path }) => does(() => void machine.files.set(path!, "")),
  "remove file": (machine, { path }) => does(() => void machine.files.delete(path!)),
  "replace conf": replaceConf,
  "read kept conf": (machine, { path }) => fileOr(machine, path!, { code: 4 }),
  "load dump": load,
  "dump copy": extract,
  clock: () => reads(() => ({ stdout: "1013.5" })),
};

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

/** What `place NAME PATH` prints of a directory that is there, may be written, and has room. */
const placeText = (name: string, path: string): string =>
  `@= ${name}.path ${path}\n@= ${name}.exists yes\n@= ${name}.nearest ${path}\n@= ${name}.writable yes\n` +
  `@= ${name}.rights drwxr-xr-x leofs\n@= ${name}.real ${path}\n@= ${name}.disk 1000000 /\n@= ${name}.inodes 1000 1000\n`;

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
