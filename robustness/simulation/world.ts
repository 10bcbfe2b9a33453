import type { Role } from "../../leofs/names";
import {
  type Circumstances,
  type Fault,
  Gone,
  type RemoteEffect,
  Violation,
  type VmFault,
  type Write,
} from "./circumstances";
import { Machine } from "./machine";
import { Manager } from "./manager";
import { type Rows, usersIn, withRow } from "./rows";
import { Rules } from "./rules";
import { Serving } from "./serving";
import { Turns } from "./turns";

/** A machine as its scripts find it: with the world around it. */
export class SimulatedMachine extends Machine {
  constructor(
    readonly world: World,
    ...own: ConstructorParameters<typeof Machine>
  ) {
    super(...own);
  }
}

/** A temporary VM that runs, as far as what befalls it goes. */
interface GuestVm {
  readonly hung: boolean;
  befall(how: VmFault["how"]): void;
  /** Its connection is gone, and it ends. */
  cut(): void;
}

/** Milliseconds since the simulation began; goes on from history to history, so that nothing kept counts as new. */
export const clock = { now: 1_000_000 };

/** Two managers, their machines, a storage node, users and time. */
export class World {
  readonly machines: SimulatedMachine[] = [];
  readonly rules = new Rules(this.machines);
  storage = { node: "storage_0@10.0.0.31", up: true, follows: [] as string[] };
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
  readonly vms = new Set<GuestVm>();
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
    this.serving = this.online
      ? new Serving(this.rules, (this.donor ?? this.machines[0]!).manager)
      : undefined;
  }

  /** The operator's process is over. What it left is a temporary VM that nobody wants. */
  end(): void {
    if (!this.dead && [...this.vms].some(({ hung }) => !hung))
      this.rules.violate("a temporary VM was left running");
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
      for (const { manager } of this.machines) due = Math.min(due, manager.vm?.wakeAt ?? due);
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
      ...this.machines.flatMap(({ manager: { vm } }) => [
        vm?.wakeAt ?? Number.POSITIVE_INFINITY,
        vm?.database && vm.database.lateAt > clock.now ? vm.database.lateAt : Number.POSITIVE_INFINITY,
      ]),
    );
    this.pass(
      Number.isFinite(next) ? Math.max(milliseconds, next - clock.now) : Math.max(milliseconds, 30_000),
    );
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
    this.rules.acknowledged.set(name, version);
  }

  /** The two managers of the recovery; a third one is the one that moves. */
  get pair(): readonly SimulatedMachine[] {
    return this.machines.slice(0, 2);
  }

  machineOf(node: string): SimulatedMachine {
    const machine = this.machines.find((one) => one.manager.node === node);
    if (!machine) throw new Violation(`model: no machine of ${node}`);
    return machine;
  }
}

/** The partner that a conf names. */
const partnerIn = (conf: string): string => /^manager\.partner = (.*)$/m.exec(conf)?.[1] ?? "";
