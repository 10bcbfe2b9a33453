import { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import { Writable } from "node:stream";
import type { RemoteProcess } from "../../remote/host";
import type { Script } from "../../remote/script";
import type { VmFault } from "./circumstances";
import type { Replica } from "./replica";
import type { SimulatedMachine } from "./world";

/**
 * The product's temporary VM on a machine of the model, told and heard in lines. What it does at each order is one
 * remote call. It ends with its connection.
 */
export async function spawnVm(machine: SimulatedMachine, script: Script): Promise<RemoteProcess> {
  const { world } = machine;
  if (script.name !== "replica vm")
    world.rules.violate(
      "model: robustness/simulation/temporaryVm.ts plays no other script whose bytes are streamed",
    );
  const vm = new TemporaryVm(machine);
  try {
    await world.remote(`start the temporary VM of ${machine.manager.node}`, () => ({
      steps: [() => world.vms.add(vm)],
      answer: () => undefined,
    }));
    return vm;
  } catch (error) {
    vm.cut();
    throw error;
  }
}

/** A temporary VM that runs. */
class TemporaryVm implements RemoteProcess {
  readonly stdin = new Writable({
    decodeStrings: false,
    write: (line, _, taken) => {
      this.hear(String(line));
      taken();
    },
    final: (over) => {
      // One that hangs does not end: its connection is given up.
      if (this.hung) this.cut();
      else this.end();
      over();
    },
  });
  private readonly out = new EventEmitter();
  readonly stdout = this.out as Readable;
  readonly done: Promise<{ code: number; stderr: string }>;
  private over: (ended: { code: number; stderr: string }) => void = () => undefined;
  private lost: (why: Error) => void = () => undefined;
  private lines = 0;
  /** Its Mnesia, once it runs. */
  private replica: Replica | undefined;
  hung = false;

  constructor(private readonly machine: SimulatedMachine) {
    this.done = new Promise((resolve, reject) => {
      this.over = resolve;
      this.lost = reject;
    });
    this.done.catch(() => undefined);
  }

  /** Something befalls it, or its connection. */
  befall(how: VmFault["how"]): void {
    this.machine.world.trace?.(`     the temporary VM of ${this.machine.manager.node} is ${how}`);
    if (how === "hung") this.hang();
    else this.cut();
  }

  /** Its connection is gone, and it ends. */
  cut(): void {
    this.stop();
    this.lost(new Error("the connection was lost"));
  }

  abort(): void {
    this.cut();
  }

  private hang(): void {
    this.hung = true;
    if (this.replica) this.replica.hung = true;
  }

  private hear(line: string): void {
    this.lines += 1;
    // Its program comes first, and what it is called; `.` says that it is still wanted.
    if (this.lines === 2) void this.told("its Mnesia starts", "ready", () => this.begin());
    else if (line === "end\n") void this.told("its replica is closed", "closed", () => this.close());
  }

  /** One remote call, then its word for it. */
  private async told(what: string, word: string, act: () => boolean): Promise<void> {
    const { world, manager } = this.machine;
    try {
      const well = await world.remote(`temporary VM of ${manager.node}: ${what}`, () => {
        let did = false;
        const step = () => {
          if (world.vms.has(this) && !this.hung) did = act();
        };
        return { steps: [step], answer: () => did };
      });
      if (!world.vms.has(this)) return;
      // Nobody waits for a VM that hangs for ever: the connection is given up.
      if (this.hung) this.cut();
      else if (well) this.out.emit("data", Buffer.from(`=vm ${word}\n`));
      else {
        this.out.emit("data", Buffer.from("=vm name {error,duplicate_name}\n"));
        this.end();
      }
      if (word === "closed") this.end();
    } catch (error) {
      this.cut();
      if ((error as Error).name !== "Gone") throw error;
    }
  }

  private begin(): boolean {
    this.replica = this.machine.manager.startReplica();
    return this.replica !== undefined;
  }

  private close(): boolean {
    this.machine.manager.endReplica();
    return true;
  }

  private end(): void {
    this.stop();
    this.over({ code: 1, stderr: "" });
  }

  private stop(): void {
    this.machine.world.vms.delete(this);
    this.machine.manager.endReplica();
    this.replica = undefined;
  }
}
