import type { Duplex } from "node:stream";
import type { SharedHost } from "../../providers/session/surroundings";
import type { Clock } from "../../remote/clock";
import type { Conversation, Host, RemoteProcess, RunOptions, RunResult } from "../../remote/host";
import type { Script, Values } from "../../remote/script";
import { playScript } from "./play";
import { spawnVm } from "./temporaryVm";
import { clock, type SimulatedMachine, type World } from "./world";

/** Comes between the product and a script of it by name, to do something else or to change what it prints. */
export type Intercept = (
  name: string,
  values: Record<string, unknown>,
  run: () => Promise<RunResult>,
  machine: SimulatedMachine,
) => Promise<RunResult>;

/** Time as a world has it. What is noted is the same at any time, so that equal histories leave equal journals. */
export const clockOf = (world: World): Clock => ({
  now: () => clock.now,
  stamp: () => "2026-11-22T19:39:35.000Z",
  pause: (milliseconds) => world.wait(milliseconds),
  limit: (milliseconds) => (world.slow ? world.wait(milliseconds).catch(never) : never()),
});

const never = () => new Promise<void>(() => undefined);

const REFUSED = new Error("connection refused");

/** A machine of the model as the product reaches it. */
export class SimulatedHost implements SharedHost {
  readonly connected = true;
  readonly label: string;
  readonly clock: Clock;

  constructor(
    readonly machine: SimulatedMachine,
    private readonly intercept?: Intercept,
  ) {
    this.label = `leofs@${machine.address}:22`;
    this.clock = clockOf(machine.world);
  }

  run(script: Script, values: Values = {}, options: RunOptions = {}): Promise<RunResult> {
    const { machine, intercept } = this;
    const play = () => playScript(machine, script, values, options);
    return intercept ? intercept(script.name, values, play, machine) : play();
  }

  spawn(script: Script): Promise<RemoteProcess> {
    return spawnVm(this.machine, script);
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

export const machineOf = (host: Host): SimulatedMachine => (host as SimulatedHost).machine;
