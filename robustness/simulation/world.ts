import type { Role } from "../../leofs/names";
import { EMPTY, outOfBackup, sameTree, type Tree } from "./files";
import { type Notes, noNotes } from "./journalNotes";
import { Manager } from "./manager";
import { type Rows, usersIn, withRow } from "./rows";
import { Serving } from "./serving";
import type { TemporaryVm } from "./temporaryVm";
import { Turns } from "./turns";

/** Something that must never be: a finding about the product (or about the model). */
export class Violation extends Error {
  override name = "Violation";
}

/** The operator's process is gone: nothing it would still do takes place. */
export class Gone extends Error {
  override name = "Gone";
}

/** What happens to one remote call of an `up`. */
export interface Fault {
  /** Number of the call, from 1. */
  at: number;
  /** How far its script came, in thirds. */
  thirds: number;
  /** `killed`: the operator's process ends there. `lost`: the reply does not arrive, and it goes on. */
  how: "killed" | "lost";
}

/** What befalls the temporary VM of an online recovery before one of the remote calls while it runs, from 1. */
export interface VmFault {
  at: number;
  /** `cut off`: it ends with its connection. */
  how: "killed" | "hung" | "cut off";
}

/** What a remote call changes, step by step, and what it then says. */
export interface RemoteEffect<T> {
  steps: readonly (() => void)[];
  answer: () => T;
}

/** A user's write: before which remote call of an `up`, and what. */
export interface Write {
  at: number;
  what: "add" | "change" | "remove";
  which: number;
}

/** What an `up` meets. */
export interface Circumstances {
  fault: Fault | undefined;
  vmFault: VmFault | undefined;
  writes: readonly Write[];
  slow: boolean;
}

/** A directory that was published as a backup. */
export interface Published {
  host: SimulatedMachine;
  path: string;
  tree: Tree;
}

/** What lies beside the managers' own files. */
class Disc {
  journal: Notes = noNotes();
  /** Directories by path: backups, unfinished ones, what was moved aside, what is on its way in. */
  readonly trees = new Map<string, Tree>();
  readonly files = new Map<string, string>();
}

/** A machine with a manager, and its files as far as the recovery knows them. */
export class SimulatedMachine {
  /** Several machines have the same one where their backup directory is on a share of the network. */
  disc = new Disc();
  readonly incident: string;
  conf: string;

  constructor(
    readonly world: World,
    readonly address: string,
    readonly manager: Manager,
    readonly home: string,
    partner: string,
  ) {
    this.incident = "/backups/production-one";
    this.conf = `nodename = ${manager.node}\ndistributed_cookie = biscuit\nmanager.mode = ${manager.role}\nmanager.partner = ${partner}\n`;
  }

  get journal(): Notes {
    return this.disc.journal;
  }

  set journal(notes: Notes) {
    this.disc.journal = notes;
  }

  get trees(): Map<string, Tree> {
    return this.disc.trees;
  }

  get files(): Map<string, string> {
    return this.disc.files;
  }

  get mnesia(): string {
    return `${this.home}/work/mnesia/127.0.0.1`;
  }

  /** Where a temporary VM writes. */
  get beside(): string {
    return `${this.mnesia}.leofs-recovery-replica`;
  }

  /** The tree at a path, the Mnesia directory included. */
  tree(path: string): Tree | undefined {
    if (path === this.beside) return this.manager.beside;
    return path === this.mnesia ? this.manager.directory : this.trees.get(path);
  }

  putTree(path: string, tree: Tree | undefined): void {
    if (path === this.mnesia) this.manager.directory = tree;
    else if (path === this.beside) this.manager.beside = tree;
    else if (tree) this.trees.set(path, tree);
    else this.trees.delete(path);
  }

  file(path: string): string | undefined {
    const own = this.files.get(path);
    if (own !== undefined) return own;
    const cut = path.lastIndexOf("/");
    return this.trees.get(path.slice(0, cut))?.get(path.slice(cut + 1))?.text;
  }
}

/** Milliseconds since the simulation began; goes on from history to history, so that nothing kept counts as new. */
export const clock = { now: 1_000_000 };

/** Two managers, their machines, a storage node, users and time. */
export class World {
  readonly machines: SimulatedMachine[] = [];
  storage = { node: "storage_0@10.0.0.31", up: true, follows: [] as string[] };
  /** What users were told is written, by row; removed rows have 0. */
  readonly acknowledged = new Map<string, number>();
  /** What LeoFS writes into fresh tables and an administrator removed, before it all began. */
  removedForGood: readonly string[] = [];
  readonly published: Published[] = [];
  readonly cleared = new Map<string, number>();
  readonly given = new Map<string, number>();
  loads = 0;
  /** The first thing that must never be, kept here since the product takes every error for one of the host. */
  violation: Violation | undefined;
  /** Tells what happens, for a replay. */
  trace: ((line: string) => void) | undefined;
  calls = 0;
  changes = 0;
  writesDone = 0;
  private readonly turns = new Turns();
  /** Looks for a plan do not come back in time. */
  slow = false;
  private fault: Fault | undefined;
  private vmFault: VmFault | undefined;
  private vmCalls = 0;
  /** The temporary VMs that run. */
  readonly vms = new Set<TemporaryVm>();
  private serving: Serving | undefined;
  /** Whose process has to stay, as the recovery chose it. Default: the manager that had the data at first. */
  donor: SimulatedMachine | undefined;
  private writes: readonly Write[] = [];
  private written = 0;
  private dead = false;
  private nextVersion = 2;
  private nextUser = 10;

  /** @param online whether the manager with the data has to serve all the time */
  constructor(public online: boolean) {}

  add(node: string, role: Role, partner: string): SimulatedMachine {
    const address = node.split("@")[1]!;
    const managers = () => this.machines.map((one) => one.manager);
    const manager: Manager = new Manager(
      node,
      role,
      () => partnerIn(machine.conf),
      managers,
      () => clock.now,
    );
    const home = `/leofs/leo_manager_${role === "master" ? 0 : 1}`;
    const machine: SimulatedMachine = new SimulatedMachine(this, address, manager, home, partner);
    this.machines.push(machine);
    return machine;
  }

  /** A new run of the operator's program. */
  begin({ fault, vmFault, writes = [], slow = false }: Partial<Circumstances> = {}): void {
    this.pass(100_000);
    this.fault = fault;
    this.vmFault = vmFault;
    this.vmCalls = 0;
    this.writes = writes;
    this.slow = slow;
    this.written = 0;
    this.calls = 0;
    this.changes = 0;
    this.dead = false;
    this.serving = this.online ? new Serving(this, (this.donor ?? this.machines[0]!).manager) : undefined;
  }

  /** The operator's process is over. What it left is a temporary VM that nobody wants. */
  end(): void {
    if (!this.dead && [...this.vms].some(({ hung }) => !hung))
      this.violate("a temporary VM was left running");
    for (const vm of [...this.vms]) vm.cut();
  }

  get gone(): boolean {
    return this.dead;
  }

  /** Time passes, and the managers do what they do by themselves. */
  pass(milliseconds: number): void {
    const until = clock.now + milliseconds;
    for (;;) {
      let due = Number.POSITIVE_INFINITY;
      for (const { manager } of this.machines) due = Math.min(due, manager.machine?.wakeAt ?? due);
      if (due > until) break;
      clock.now = Math.max(clock.now, due);
      for (const { manager } of this.machines) manager.wake();
    }
    clock.now = until;
  }

  /** What something waiting for the managers lives through: until the next thing happens, or it gives up. */
  wait(milliseconds: number): Promise<void> {
    return this.turns.next(() => this.waitNow(milliseconds));
  }

  private waitNow(milliseconds: number): void {
    if (this.dead) throw new Gone("the operator's process is gone");
    const next = Math.min(
      ...this.machines.flatMap(({ manager: { machine } }) => [
        machine?.wakeAt ?? Number.POSITIVE_INFINITY,
        machine?.database && machine.database.lateAt > clock.now
          ? machine.database.lateAt
          : Number.POSITIVE_INFINITY,
      ]),
    );
    this.pass(
      Number.isFinite(next) ? Math.max(milliseconds, next - clock.now) : Math.max(milliseconds, 30_000),
    );
  }

  violate(what: string): void {
    this.violation ??= new Violation(what);
  }

  /**
   * One remote call: what it does, found out when its turn has come, in order, then its answer. Calls take place one
   * by one in the order in which they were made, each when all that the one before it set going has come to rest: so
   * a history is the same again however much of it was worked out before.
   */
  remote<T>(name: string, begin: () => RemoteEffect<T>): Promise<T> {
    return this.turns.next(() => this.take(name, begin));
  }

  private take<T>(name: string, begin: () => RemoteEffect<T>): T {
    if (this.dead) throw new Gone("the operator's process is gone");
    this.calls += 1;
    this.pass(5);
    while (this.written < this.writes.length && this.writes[this.written]!.at <= this.calls)
      this.write(this.writes[this.written++]!);
    if (this.vms.size > 0 && ++this.vmCalls === this.vmFault?.at)
      for (const vm of [...this.vms]) vm.befall(this.vmFault.how);
    const { steps, answer } = begin();
    this.trace?.(`${String(this.calls).padStart(4)} ${steps.length > 0 ? "*" : " "} ${name}`);
    if (steps.length > 0) this.changes += 1;
    const fault = this.fault?.at === this.calls ? this.fault : undefined;
    if (!fault) {
      for (const step of steps) step();
      this.serving?.see();
      return answer();
    }
    const reached = Math.round((steps.length * fault.thirds) / 3);
    for (const step of steps.slice(0, reached)) step();
    this.serving?.see();
    this.trace?.(`     ${fault.how} after ${reached} of its ${steps.length} changes`);
    if (fault.how === "killed") {
      this.dead = true;
      for (const vm of [...this.vms]) if (!vm.hung) vm.cut();
    }
    throw new Gone(`the connection was lost at call ${this.calls}`);
  }

  /** Somebody writes through a gateway or a console; nothing happens when no manager serves. */
  write({ what, which }: Write): void {
    const database = this.machines.map(({ manager }) => manager.serves).find((one) => one !== undefined);
    if (!database) return;
    this.writesDone += 1;
    const version = this.nextVersion++;
    const mine = usersIn(database.rows);
    const user = what === "add" ? `u${this.nextUser++}` : mine[which % mine.length];
    if (!user) return;
    // A user that is deleted keeps a row, marked; the credential goes.
    this.acknowledge(database, `leo_s3_users|${user}`, version);
    if (what !== "change")
      this.acknowledge(database, `leo_s3_credentials|key-of-${user}`, what === "add" ? version : 0);
  }

  private acknowledge(database: { rows: Rows }, name: string, version: number): void {
    database.rows = withRow(database.rows, name, version);
    this.acknowledged.set(name, version);
  }

  /** The two managers of the recovery; a third one is the one that moves. */
  get pair(): readonly SimulatedMachine[] {
    return this.machines.slice(0, 2);
  }

  /** The product stops a manager. One that moves has handed every table on by then, and the others serve without it. */
  seeStopped({ manager }: SimulatedMachine): void {
    const [stays, , moving] = this.machines;
    const { serves } = manager;
    if (manager !== moving?.manager || !serves) return;
    if (!serves.members.includes(stays!.manager) || !serves.copied)
      this.violate(`${manager.node} is to move, and was stopped before another one had every table`);
  }

  /** A manager's files are cleared away: once, and in a backup of its host. */
  clear(machine: SimulatedMachine, tree: Tree): void {
    const { node } = machine.manager;
    if (!this.isBackedUp(machine, tree)) this.violate(`${node} was cleared and its files are in no backup`);
    this.cleared.set(node, (this.cleared.get(node) ?? 0) + 1);
  }

  /** A copy that a manager was given goes again: the donor ran meanwhile and has newer files. */
  takeBack(machine: SimulatedMachine, tree: Tree): void {
    const { node } = machine.manager;
    const donor = this.machines.find((one) => one !== machine)!;
    if (!this.isBackedUp(donor, tree) && !this.isBackedUp(machine, tree))
      this.violate(`${node} is cleared of a copy that was started, and that is in no backup`);
    this.given.delete(node);
  }

  /** A manager is given a copy of the other's files: of all that it has, and that are in a backup of its host. */
  gave({ manager }: SimulatedMachine, tree: Tree): void {
    const { node } = manager;
    this.given.set(node, (this.given.get(node) ?? 0) + 1);
    const donor = this.machines.find((one) => one.manager !== manager)!;
    const files = donor.manager.directory ?? EMPTY;
    if (donor.manager.machine)
      this.violate(`${node} is given the files of ${donor.manager.node}, which runs`);
    else if (!sameTree(tree, files))
      this.violate(`${node} is given other files than ${donor.manager.node} has`);
    else if (!this.isBackedUp(donor, files))
      this.violate(`${node} is given files of ${donor.manager.node} that are in no backup of it`);
  }

  /** Whether these files are in a published backup of that machine. */
  isBackedUp(machine: SimulatedMachine, tree: Tree): boolean {
    return this.published.some(
      ({ host, tree: backup }) => host === machine && sameTree(tree, outOfBackup(backup)),
    );
  }

  machineOf(node: string): SimulatedMachine {
    const machine = this.machines.find((one) => one.manager.node === node);
    if (!machine) throw new Violation(`model: no machine of ${node}`);
    return machine;
  }
}

/** The partner that a conf names. */
const partnerIn = (conf: string): string => /^manager\.partner = (.*)$/m.exec(conf)?.[1] ?? "";
