/**
 * Where the real code meets the model. Below `Host` the product's scripts are played by the model (`scripts.ts`). A
 * few functions that only read what a host printed are answered by the model directly, because composing and parsing
 * Erlang terms, Mnesia files and console replies would take most of the time; each has tests of its own. Modules are
 * changed in memory; the product has no hook for it.
 */

import type { Duplex } from "node:stream";
import * as confs from "../../leofs/conf/conf";
import * as generated from "../../leofs/conf/generated";
import type { Expressions } from "../../leofs/erlang/expressions";
import { NodeUnreachable } from "../../leofs/erlang/noAnswer";
import {
  atom,
  binary,
  integer,
  isList,
  isTuple,
  type Term,
  type Tuple,
  textOf,
  tuple,
} from "../../leofs/erlang/term";
import * as manifests from "../../leofs/incident/backups/manifest";
import type { CopyTree } from "../../leofs/incident/backups/restoreFiles";
import * as trees from "../../leofs/incident/backups/tree";
import * as journals from "../../leofs/incident/journal";
import * as asking from "../../leofs/manager/ask";
import * as consolePlace from "../../leofs/manager/consoleOf";
import * as evidence from "../../leofs/manager/evidence";
import * as health from "../../leofs/manager/mnesiaHealth";
import { openSite } from "../../leofs/manager/openSite";
import * as schemas from "../../leofs/manager/schemaName";
import type { Site } from "../../leofs/manager/site";
import * as dumpCompare from "../../leofs/mnesia/dumpCompare";
import * as dumpFile from "../../leofs/mnesia/dumpFile";
import * as dumpRows from "../../leofs/mnesia/dumpRows";
import type { SchemaFile } from "../../leofs/mnesia/schemaFile";
import { factsOf, TABLES } from "../../leofs/mnesia/tables";
import * as argumentProblems from "../../providers/argumentProblems";
import type { ManagerTarget } from "../../providers/arguments";
import type { SharedHost, Surroundings } from "../../providers/surroundings";
import type { Clock } from "../../remote/clock";
import type { Conversation, Host, RemoteProcess, RunOptions, RunResult } from "../../remote/host";
import type { Lock } from "../../remote/lock";
import type { Script, Values } from "../../remote/script";
import * as sections from "../../remote/sections";
import { EMPTY, MNESIA_FILES, outOfBackup, readMnesia, type Tree } from "./files";
import type { Notes } from "./journalNotes";
import { put } from "./put";
import { parseRows, RING_ROW, type Rows, STORAGE_ROW, usersIn, withRow } from "./rows";
import { lookAt, playScript, runScript, treeText } from "./scripts";
import { clock, type SimulatedMachine, type World } from "./world";

/** The world of the history that runs now. */
export const stage: { world: World } = { world: undefined as never };

/** Time as the model has it. What is noted is the same at any time, so that it is worked out once. */
const simulatedClock: Clock = {
  now: () => clock.now,
  stamp: () => "2026-11-22T19:39:35.000Z",
  pause: (milliseconds) => stage.world.wait(milliseconds),
  // What waits for nothing else is a limit.
  limit: (milliseconds) => (stage.world.slow ? stage.world.wait(milliseconds) : new Promise(() => undefined)),
};

const REFUSED = new Error("connection refused");

/** A machine of the model as the product reaches it. */
export class SimulatedHost implements SharedHost {
  readonly connected = true;
  readonly label: string;
  readonly clock = simulatedClock;
  constructor(readonly machine: SimulatedMachine) {
    this.label = `leofs@${machine.address}:22`;
  }
  async run(
    script: Script | string,
    values: Values | readonly string[] = {},
    options: RunOptions = {},
  ): Promise<RunResult> {
    return typeof script === "string"
      ? runScript(this.machine, script, values as readonly string[], options)
      : playScript(this.machine, script, values as Values, options);
  }
  spawn(): Promise<RemoteProcess> {
    throw new Error("model: nothing is streamed");
  }
  converse(): Promise<Conversation> {
    throw new Error("model: nodes are asked above this");
  }
  closeUnused(): void {}
  /** Nobody listens: consoles are answered above this. */
  dial(): Promise<Duplex> {
    return Promise.reject(REFUSED);
  }
}

const machineOf = (host: Host): SimulatedMachine => (host as SimulatedHost).machine;

/** Puts the model in the place of the functions named here, for the rest of this process. */
export function takeTheStage(): void {
  put(evidence as { askManager: unknown }, "askManager", askManager);
  put(asking as { ask: unknown }, "ask", ask);
  put(asking as { probe: unknown }, "probe", probe);
  put(asking as { reachedFrom: unknown }, "reachedFrom", (site: Site, _: unknown, node: string) =>
    probe(site, node),
  );
  put(health as { examineMnesia: unknown }, "examineMnesia", examineMnesia);
  put(schemas as { schemaInFiles: unknown }, "schemaInFiles", schemaInFiles);
  put(schemas as { readSchemaOf: unknown }, "readSchemaOf", readSchemaOf);
  put(schemas as { schemaOfRunning: unknown }, "schemaOfRunning", schemaOfRunning);
  put(consolePlace as { consoleOf: unknown }, "consoleOf", consoleOf);
  put(dumpFile as { parseDump: unknown }, "parseDump", parseDump);
  put(sections as { parseSections: unknown }, "parseSections", kept(sections.parseSections));
  put(
    generated as { parseGenerated: unknown },
    "parseGenerated",
    keptBy(generated.parseGenerated, generatedKey),
  );
  put(
    confs as { effectiveConf: unknown },
    "effectiveConf",
    keptBy(confs.effectiveConf, (main) => main),
  );
  put(dumpRows as { summary: unknown }, "summary", keptFor(dumpRows.summary));
  put(dumpCompare as { compareDumps: unknown }, "compareDumps", keptForBoth(dumpCompare.compareDumps));
  put(manifests as { parseManifest: unknown }, "parseManifest", kept(manifests.parseManifest));
  put(journals as { readJournal: unknown }, "readJournal", readJournalOnce(journals.readJournal));
  put(argumentProblems, "managerProblems", managerProblemsOnce(argumentProblems.managerProblems));
  put(trees as { hashTree: unknown }, "hashTree", hashTreeOnce(trees.hashTree));
  put(
    trees as { readTree: unknown },
    "readTree",
    keptBy(trees.readTree, (text, name) => `${name} ${text}`),
  );
  Error.stackTraceLimit = 0;
}

const hosts = new WeakMap<SimulatedMachine, SimulatedHost>();
function hostAt(address: string): SimulatedHost {
  const machine = stage.world.machines.find((one) => one.address === address)!;
  const host = hosts.get(machine) ?? new SimulatedHost(machine);
  hosts.set(machine, host);
  return host;
}

// What the same text gives again and again is worked out once.
function keptBy<A extends unknown[], R>(
  work: (...args: A) => R,
  keyOf: (...args: A) => string,
): (...args: A) => R {
  let results = new Map<string, R>();
  return (...args) => {
    const key = keyOf(...args);
    let result = results.get(key);
    if (result === undefined) {
      result = work(...args);
      if (results.size > 5_000) results = new Map();
      results.set(key, result);
    }
    return result;
  };
}
const kept = <R>(work: (text: string) => R): ((text: string) => R) => keptBy(work, (text) => text);
const generatedKey = ({ appConfig, vmArgs }: { appConfig?: string; vmArgs?: string }) =>
  `${appConfig}\n${vmArgs}`;
function keptFor<K extends object, R>(work: (key: K) => R): (key: K) => R {
  const results = new WeakMap<K, R>();
  return (key) => {
    const result = results.get(key) ?? work(key);
    results.set(key, result);
    return result;
  };
}
function keptForBoth<K extends object, R>(work: (one: K, other: K) => R): (one: K, other: K) => R {
  const results = new WeakMap<K, WeakMap<K, R>>();
  return (one, other) => {
    const row = results.get(one) ?? new WeakMap<K, R>();
    results.set(one, row);
    const result = row.get(other) ?? work(one, other);
    row.set(other, result);
    return result;
  };
}

/** `managerProblems`, the product's own, once for each target. */
function managerProblemsOnce(find: typeof argumentProblems.managerProblems): typeof find {
  const known = new WeakMap<ManagerTarget, Map<string, string[]>>();
  return (where, target) => {
    if (!target) return find(where, target);
    const problems = known.get(target) ?? new Map<string, string[]>();
    known.set(target, problems);
    const found = problems.get(where) ?? find(where, target);
    problems.set(where, found);
    return [...found];
  };
}

/** A host that answers one script with a text: for working out what the product makes of it. */
const answering = (label: string, stdout: string): Host =>
  ({ label, run: async () => ({ code: 0, stdout, stderr: "" }) }) as unknown as Host;

/** `readJournal`, the product's own, once for each journal. */
function readJournalOnce(read: typeof journals.readJournal): typeof journals.readJournal {
  const known = new WeakMap<Notes, journals.Journal>();
  return async (place) => {
    const machine = machineOf(place.host);
    const notes = await machine.world.remote(`journal of ${machine.manager.node}`, () => ({
      steps: [],
      answer: () => machine.journal,
    }));
    let journal = known.get(notes);
    if (!journal) {
      journal = await read({ ...place, host: answering(place.host.label, notes.text) });
      known.set(notes, journal);
    }
    return journal;
  };
}

/** `openSite`, the product's own, once for each thing that a look can show. */
function openSiteOnce(open: typeof openSite): typeof openSite {
  let known = new Map<string, Site>();
  return async (host, spec, incident) => {
    const machine = machineOf(host);
    const { manager } = machine;
    const look = await machine.world.remote(`look at ${manager.node}`, () => ({
      steps: [],
      answer: () => {
        const { pid } = manager.machine ?? {};
        const key = `${host.label} ${manager.role} ${pid} ${manager.startedWith} ${machine.conf}`;
        return known.get(key) ?? { key, text: lookAt(machine) };
      },
    }));
    if (!("key" in look)) return { ...look, host, place: { ...look.place, host } };
    const site = await open(answering(host.label, look.text), spec, incident);
    if (known.size > 5_000) known = new Map();
    known.set(look.key, site);
    return { ...site, host, place: { ...site.place, host } };
  };
}

/** `hashTree`, the product's own, once for each directory. */
function hashTreeOnce(hash: typeof trees.hashTree): typeof trees.hashTree {
  const known = new WeakMap<Tree, trees.Tree>();
  return async (host, directory, as) => {
    const machine = machineOf(host);
    const tree = await machine.world.remote(`hash ${directory}`, () => ({
      steps: [],
      answer: () => machine.tree(directory),
    }));
    if (tree && known.has(tree)) return known.get(tree)!;
    const hashed = await hash(answering(host.label, treeText("t", tree)), directory, as);
    if (tree) known.set(tree, hashed);
    return hashed;
  };
}

/** `askManager`: what a running manager says of itself and its nodes. */
async function askManager({ host, manager: { node } }: Site): Promise<evidence.ManagerEvidence> {
  const { world } = stage;
  return world.remote(`evidence of ${node}`, () => ({
    steps: [],
    answer: () => {
      const { manager } = world.machineOf(node);
      const { machine } = manager;
      if (!machine) throw new NodeUnreachable(node, `asked from ${host.label}: it does not run there`);
      const database = machine.database;
      const members = database?.members.map((one) => one.node) ?? [];
      return {
        node,
        mnesia: machine.phase === "polling" ? "no" : "yes",
        tables: tablesOf(manager),
        runningManagers: members,
        knownManagers: [...(database?.schema.nodes ?? [node])],
        partners: [machine.partner],
        role: manager.role,
        version: "1.4.4",
        otp: "23",
        pid: machine.pid,
        directory: "",
        connected: members.filter((one) => one !== node),
        nodes: nodesOf(database?.rows),
        system: {},
      };
    },
  }));
}

/** `schemaInFiles` and `schemaOfRunning`: Mnesia's name for the tables of a pair. */
async function schemaInFiles({ host }: Site, directory: string): Promise<string | undefined> {
  const machine = machineOf(host);
  return stage.world.remote(`schema in ${directory}`, () => ({
    steps: [],
    answer: () => nameOf(machine.tree(directory)?.get("schema.DAT")?.schema ?? inBackup(machine, directory)),
  }));
}
/** `readSchemaOf`: in the model a schema comes with all its tables. */
async function readSchemaOf(site: Site, directory: string): Promise<SchemaFile> {
  const cookie = await schemaInFiles(site, directory);
  const copies = new Map<string, string[]>(cookie ? TABLES.map((name) => [name, []]) : []);
  return { damage: undefined, closed: true, cookie, copies };
}
/** A backup keeps the files under `mnesia/`. */
const inBackup = (machine: SimulatedMachine, directory: string) =>
  machine.tree(directory.replace(/\/mnesia$/, ""))?.get("mnesia/schema.DAT")?.schema;
async function schemaOfRunning({ manager }: Site): Promise<string | undefined> {
  const { world } = stage;
  return world.remote(`schema of ${manager.node}`, () => ({
    steps: [],
    answer: () => nameOf(world.machineOf(manager.node).manager.machine?.database?.schema),
  }));
}
const nameOf = (schema: { id: number } | undefined): string | undefined => schema && `schema ${schema.id}`;

type Tables = Map<string, evidence.TableFact>;
const tablesByRows = new WeakMap<Rows, Map<string, Tables>>();
function tablesOf(manager: SimulatedMachine["manager"]): Tables {
  const { machine } = manager;
  if (machine?.phase === "polling" || !machine) return new Map();
  const { database } = machine;
  const held = database ?? readMnesia(manager.directory ?? EMPTY);
  if (!held) return new Map();
  const late = database !== undefined && clock.now < database.lateAt;
  const known = tablesByRows.get(held.rows) ?? new Map<string, Tables>();
  tablesByRows.set(held.rows, known);
  const key = `${held.schema.nodes} ${database !== undefined} ${late}`;
  const tables = known.get(key) ?? tablesWith(held.rows, held.schema.nodes, database !== undefined, late);
  known.set(key, tables);
  return tables;
}

function tablesWith(rows: Rows, disc: readonly string[], loaded: boolean, late: boolean): Tables {
  const counts = new Map<string, number>();
  for (const name of rows.cells.keys()) {
    const table = name.slice(0, name.indexOf("|"));
    counts.set(table, (counts.get(table) ?? 0) + 1);
  }
  const there = TABLES.filter((name) => !late || !factsOf(name).late);
  return new Map(
    there.map((name) => [
      name,
      { rows: loaded ? (counts.get(name) ?? 0) : 0, disc: [...disc], memoryOnly: [], type: "set", loaded },
    ]),
  );
}

const RING: [string, string] = ["668b61cb", "668b61cb"];

function nodesOf(rows: Rows | undefined): evidence.NodeFact[] {
  if (!rows?.cells.has(STORAGE_ROW)) return [];
  const { node, up, follows } = stage.world.storage;
  const answer = up ? [...follows] : undefined;
  return [
    { node, type: "storage", state: "running", answers: up, follows: answer, ring: up ? RING : undefined },
  ];
}

/** `probe`: whether a node answers. */
async function probe({ host }: Site, node: string): Promise<asking.Reach> {
  const { world } = stage;
  return world.remote(`probe of ${node}`, () => ({
    steps: [],
    answer: () => {
      const answers = world.machines.some(({ manager }) => manager.node === node && manager.machine);
      return { node, answers, evidence: `asked from ${host.label}` };
    },
  }));
}

/** `ask`: the two questions that change something. */
async function ask(
  { host, manager: { node } }: Site,
  question: Expressions,
  values: Readonly<Record<string, Term>> = {},
): Promise<Term> {
  const { world } = stage;
  return world.remote(`${question.name} on ${node}`, () => {
    const { manager } = world.machineOf(node);
    const told = question.name === "update managers";
    const itemsOf = (term: Term | undefined) => (isList(term) ? term.items : []);
    const database = manager.serves;
    const effect = () => {
      if (told && world.storage.up)
        world.storage.follows = itemsOf(values.Managers).map((name) => textOf(name) ?? "");
      if (told || !database) return;
      for (const row of itemsOf(values.Rows)) {
        const [table, key] = isTuple(row) ? row.items.map(textOf) : [];
        database.rows = withRow(database.rows, `${table}|${key}`, 0);
      }
    };
    return {
      steps: [effect],
      answer: () => {
        if (!manager.machine)
          throw new NodeUnreachable(node, `asked from ${host.label}: it does not run there`);
        return told ? atom("ok") : tuple(atom("atomic"), atom("ok"));
      },
    };
  });
}

/** `examineMnesia`: what the files are worth. */
async function examineMnesia(host: Host): Promise<health.MnesiaHealth> {
  const machine = machineOf(host);
  return machine.world.remote(`examine files of ${machine.manager.node}`, () => ({
    steps: [],
    answer: () => {
      const tree = machine.manager.directory ?? EMPTY;
      const log = tree.get("LATEST.LOG")?.log;
      const missing = MNESIA_FILES.filter((name) => !tree.has(name));
      const state = tree.size === 0 ? "empty" : missing.length === 0 ? "complete" : "incomplete";
      return {
        directory: { state, missing, problems: [] },
        damaged: [...tree].flatMap(([name, file]) => (file.damaged ? [`${name}: not Mnesia's`] : [])),
        marks: {
          writer: log?.writer,
          down: new Map((log?.down ?? []).map((node) => [node, "2026-11-22 19:39:35"])),
        },
      };
    },
  }));
}

/** `consoleOf`: a manager's console. */
function consoleOf({ host }: { host: Host }) {
  const machine = machineOf(host);
  const { world } = machine;
  const ask = async <T>(answer: (rows: Rows) => T, steps: (() => void)[] = []): Promise<T> =>
    world.remote(`console of ${machine.manager.node}`, () => {
      const database = machine.manager.serves;
      return {
        steps: database ? steps : [],
        answer: () => {
          if (!database) throw new Error("[ERROR] Mnesia is not available");
          return answer(database.rows);
        },
      };
    });
  return {
    status: () =>
      ask((rows) => ({
        systemInfo: { ring: rows.cells.has(RING_ROW) ? RING[0] : "", previousRing: RING[1] },
        nodes: nodesOf(rows).map(({ node, type, state }) => ({
          node,
          type,
          state,
          ring: RING[0],
          previousRing: RING[1],
        })),
      })),
    users: () =>
      ask((rows) =>
        usersIn(rows).map((userId) => ({ userId, version: rows.cells.get(`leo_s3_users|${userId}`) })),
      ),
    buckets: () => ask(() => []),
    endpoints: () => ask(() => []),
    updateManagers: (master: string, slave: string) =>
      ask(
        () => undefined,
        [
          () => {
            if (world.storage.up) world.storage.follows = [master, slave];
          },
        ],
      ),
  };
}

const dumps = keptBy(
  (text: string) => dumpOf(text),
  (text) => text,
);

/** `parseDump`: the model's dumps hold their rows as one short line. */
function parseDump(bytes: Buffer): dumpFile.Dump {
  return dumps(bytes.toString("latin1"));
}

const NUMBERED = new Set(["leo_system_conf", "leo_ring_cur"]);

function dumpOf(text: string): dumpFile.Dump {
  const rows = text === "" ? undefined : parseRows(text);
  if (!rows) throw new dumpFile.DumpError("truncated", "the dump ends in the middle of a term");
  const tables = new Map<string, dumpFile.DumpTable>(
    TABLES.map((name) => [name, { recordName: name, attributes: ["key", "updated_at"], rows: [] }]),
  );
  for (const [name, version] of rows.cells) {
    const [table, key] = name.split("|") as [string, string];
    const row = tuple(
      atom(table),
      NUMBERED.has(table) ? integer(Number(key)) : binary(key),
      integer(version),
    );
    tables.get(table)!.rows.push(row as Tuple);
  }
  return { tables };
}

/** The lock has tests of its own; here it is a remote call like any other, and nobody else holds it. */
async function acquireLock(): Promise<Lock> {
  const call = async () => stage.world.remote("lock", () => ({ steps: [], answer: () => undefined }));
  await call();
  return { verify: call, release: async () => undefined, quiet: async () => true, gone: [] };
}

/** Under another name file by file, then renamed. */
const copyTree: CopyTree = async ({ host: from, directory: fromPath }, { host: to, directory: toPath }) => {
  const [source, target] = [machineOf(from), machineOf(to)];
  return stage.world.remote(`copy ${fromPath} to ${toPath}`, () => {
    const backup = fromPath.slice(0, fromPath.lastIndexOf("/"));
    const tree = outOfBackup(source.trees.get(backup) ?? EMPTY);
    return {
      steps: [
        () => target.putTree(`${toPath}.partial`, new Map([...tree].slice(0, 1))),
        () => {
          target.putTree(`${toPath}.partial`, undefined);
          target.putTree(toPath, tree);
        },
      ],
      answer: () => undefined,
    };
  });
};

/** The hosts of the model. */
export const surroundings: Surroundings = {
  clock: simulatedClock,
  connect: ({ host }) => hostAt(host),
  manager: openSiteOnce(openSite),
  acquireLock,
  lockedBy: async () => undefined,
  copyTree,
  serviceLoginProblem: async () => undefined,
};
