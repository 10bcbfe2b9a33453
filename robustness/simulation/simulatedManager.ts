import type { Expressions } from "../../leofs/erlang/expressions";
import { NodeUnreachable } from "../../leofs/erlang/noAnswer";
import type { Term } from "../../leofs/erlang/term";
import type { Reach } from "../../leofs/manager/ask";
import { startProven, stopProven } from "../../leofs/manager/control";
import type { DumpRead } from "../../leofs/manager/dumpOnHost";
import type { ManagerEvidence } from "../../leofs/manager/evidence";
import { Looked, type LookedAt } from "../../leofs/manager/lookedAt";
import type { Asked as AskedManager, Manager, ManagerConsole, Stopped } from "../../leofs/manager/manager";
import type { MnesiaHealth } from "../../leofs/manager/mnesiaHealth";
import type { Noting } from "../../leofs/manager/noting";
import type { Dump } from "../../leofs/mnesia/dumpFile";
import type { SchemaFile } from "../../leofs/mnesia/schemaFile";
import { TABLES } from "../../leofs/mnesia/tables";
import { consoleOf } from "./console";
import { dumpIn } from "./dumps";
import { nodesOf, tablesOf } from "./facts";
import { EMPTY, MNESIA_FILES } from "./files";
import { type Asked, QUESTIONS } from "./questions";
import { runningIn } from "./replica";
import type { SimulatedMachine } from "./world";

/**
 * A manager of the model, as the product meets one. Every method is one remote call of its world: it may be interrupted,
 * and is answered from what is there at that moment.
 */
export class SimulatedManager extends Looked implements Manager {
  readonly console: ManagerConsole;

  /** @param look looks at it once more */
  constructor(
    looked: LookedAt,
    private readonly machine: SimulatedMachine,
    private readonly look: () => Promise<Manager>,
  ) {
    super(looked);
    this.console = consoleOf(machine);
  }

  again(): Promise<Manager> {
    return this.look();
  }

  runs(): Promise<boolean> {
    return this.read("processes of", () => this.machine.manager.vm !== undefined);
  }

  /** A start of the model is over at once. */
  starts(): Promise<boolean> {
    return this.read("start of", () => false);
  }

  stop(noting: Noting): Promise<Stopped> {
    return stopProven(this, noting);
  }

  start(partner?: string): Promise<void> {
    return startProven(this, partner);
  }

  ask(question: Expressions, values: Asked = {}): Promise<Term> {
    const { machine } = this;
    return machine.world.remote(`${question.name} on ${machine.manager.node}`, () => {
      const answered = QUESTIONS[question.name];
      if (!answered)
        machine.world.rules.violate(
          `model: robustness/simulation/questions.ts does not know "${question.name}"`,
        );
      if (!answered || !machine.manager.vm) return { steps: [], answer: () => this.unreachable() };
      return answered(machine, values);
    });
  }

  peer(node: string): AskedManager {
    const { host, spec, as, facts, settings, place, look } = this;
    const machine = this.machine.world.machineOf(node);
    return new SimulatedManager({ host, spec: { ...spec, node }, as, facts, settings, place }, machine, look);
  }

  evidence(): Promise<ManagerEvidence> {
    return this.read("evidence of", () => {
      const { manager, world } = this.machine;
      const { vm, node } = manager;
      if (!vm) return this.unreachable();
      const { database } = vm;
      const members = database ? runningIn(database) : [];
      return {
        node,
        mnesia: vm.phase === "polling" ? "no" : "yes",
        tables: tablesOf(manager),
        runningManagers: members,
        knownManagers: [...(database?.schema.nodes ?? [node])],
        partners: [vm.partner],
        role: manager.role,
        pid: vm.pid,
        directory: "",
        connected: members.filter((one) => one !== node),
        nodes: nodesOf(world, database?.rows),
        system: {},
      };
    });
  }

  probe(node: string): Promise<Reach> {
    const { world } = this.machine;
    const evidence = `asked from ${this.host.label}`;
    return world.remote(`probe of ${node}`, () => ({
      steps: [],
      answer: () => ({
        node,
        answers: world.machines.some(
          ({ manager }) => manager.node === node && (manager.vm || manager.replica),
        ),
        evidence,
      }),
    }));
  }

  reachedFrom(_askers: readonly string[], node: string): Promise<Reach> {
    return this.probe(node);
  }

  schemaName(): Promise<string | undefined> {
    return this.read("schema of", () => nameOf(this.machine.manager.vm?.database?.schema));
  }

  /** In the model a schema comes with all its tables. */
  async schemaIn(directory: string): Promise<SchemaFile> {
    const { machine } = this;
    const cookie = await machine.world.remote(`schema in ${directory}`, () => ({
      steps: [],
      answer: () =>
        nameOf(machine.tree(directory)?.get("schema.DAT")?.schema ?? schemaInBackup(machine, directory)),
    }));
    const copies = new Map<string, string[]>(cookie ? TABLES.map((name) => [name, []]) : []);
    return { damage: undefined, closed: true, cookie, copies };
  }

  examine(): Promise<MnesiaHealth> {
    return this.read("examine files of", () => {
      const tree = this.machine.manager.directory ?? EMPTY;
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
    });
  }

  async writeRows(file: string): Promise<void> {
    const { machine } = this;
    const written = await machine.world.remote(`write rows of ${machine.manager.node} to ${file}`, () => {
      const { serves } = machine.manager;
      return {
        steps: serves ? ["{cut", serves.rows.text].map((text) => () => machine.files.set(file, text)) : [],
        answer: () => serves !== undefined,
      };
    });
    if (!written) this.unreachable();
  }

  async readDump(file: string): Promise<DumpRead> {
    const { machine } = this;
    const text = await machine.world.remote(`read ${file}`, () => ({
      steps: [],
      answer: () => machine.file(file),
    }));
    return text === undefined ? { unread: "No such file" } : { dump: dumpIn(text) };
  }

  async writePart(file: string, some: Dump, part: string): Promise<void> {
    const { machine } = this;
    await machine.world.remote(`write ${part}`, () => ({
      steps: [
        () => {
          const cells = (machine.file(file) ?? "").split(" ");
          const wanted = cells.filter((cell) => some.tables.has(cell.split("|")[0]!));
          machine.files.set(part, wanted.join(" "));
        },
      ],
      answer: () => undefined,
    }));
  }

  private read<T>(what: string, answer: () => T): Promise<T> {
    const { manager, world } = this.machine;
    return world.remote(`${what} ${manager.node}`, () => ({ steps: [], answer }));
  }

  private unreachable(): never {
    throw new NodeUnreachable(
      this.machine.manager.node,
      `asked from ${this.host.label}: it does not run there`,
    );
  }
}

/** A backup keeps the files under `mnesia/`. */
const schemaInBackup = (machine: SimulatedMachine, directory: string) =>
  machine.tree(directory.replace(/\/mnesia$/, ""))?.get("mnesia/schema.DAT")?.schema;

const nameOf = (schema: { id: number } | undefined): string | undefined => schema && `schema ${schema.id}`;
