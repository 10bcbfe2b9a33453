import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { type Fault, isOfAsker, isOfEngine, isOfReplica, LATER_BY, type PlannedFault } from "./faults";
import { type Operation, OperationCounter, operationId, type Question } from "./operations";

/** What the gate needs of the hosts to bring a fault about. */
export interface Powers {
  /** Leaves this many bytes free on a host's file system; undefined: as many as it was made with. */
  leaveFree(host: string, bytes: number | undefined): Promise<void>;
}

/** An operation that was run, with the beginning of its reply. */
export interface Executed {
  operation: Operation;
  script: string;
  args: string[];
  said: string;
}

type Verdict = "run" | "deny" | "drop";

const ONE_BLOCK = 4096;

/** The scripts that become a VM, by their name, which is their first line: one that asks nodes, one that takes a replica. */
const ASKER = /^# asker\n/;
const REPLICA = /^# replica vm\n/;

/**
 * Answers the gatekeepers of all hosts of one sandbox: counts the operations of a run, notes what was executed, and
 * brings the planned fault about.
 */
export class Gate {
  /** Every operation of this run that came to be asked for, in its order. */
  asked: Operation[] = [];
  /** Every operation that ended, of all runs since the last `forget`. */
  executed: Executed[] = [];
  /** How often the planned fault happened. */
  struck = 0;
  /** Called at the first operation that stalls. */
  whenStalled: (() => void) | undefined;
  private plan: PlannedFault | undefined;
  private victim: ((fault: Fault) => Promise<void> | void) | undefined;
  private counter: OperationCounter;
  private open = new Map<Socket, { operation: Operation; struck: boolean }>();
  private stalled: (() => void)[] = [];
  private stopped = new Set<number>();
  private lasting = false;
  private full: string | undefined;
  /** Names of what earlier runs of this case came to. */
  private known = new Set<string>();
  /** Sessions in which a VM asks nodes, by their gatekeeper. */
  private readonly askers = new Map<Socket, Question>();
  /** The same of temporary VMs that take a replica. */
  private readonly replicas = new Map<Socket, Question>();
  /** Operations of this run that none before it came to. */
  private fresh = 0;

  private constructor(
    private readonly directory: string,
    private readonly server: Server,
    private readonly powers: Powers,
  ) {
    this.counter = new OperationCounter(directory);
  }

  /** @param directory the sandbox's, which operations are named without */
  static async listen(socketPath: string, directory: string, powers: Powers): Promise<Gate> {
    await rm(socketPath, { force: true });
    const server = createServer();
    const gate = new Gate(directory, server, powers);
    server.on("connection", (socket) => gate.serve(socket));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socketPath, resolve));
    return gate;
  }

  /** A new run begins, whose process is ended by `victim`. */
  begin(plan: PlannedFault | undefined, victim: (fault: Fault) => Promise<void> | void): void {
    for (const operation of this.asked) this.known.add(operationId(operation));
    this.fresh = 0;
    this.asked = [];
    this.counter = new OperationCounter(this.directory);
    this.plan = plan;
    this.victim = victim;
    this.lasting = false;
    this.whenStalled = undefined;
  }

  /** Ends the fault: what stalled is carried out, who was stopped goes on, the discs have room. */
  async lift(): Promise<void> {
    this.plan = undefined;
    this.lasting = false;
    if (this.full) await this.powers.leaveFree(this.full, undefined);
    this.full = undefined;
    for (const pid of this.stopped) signal(pid, "SIGCONT");
    this.stopped.clear();
    for (const release of this.stalled.splice(0)) release();
  }

  /** A new case begins. */
  forget(): void {
    this.executed = [];
    this.struck = 0;
    this.asked = [];
    this.known.clear();
  }

  async close(): Promise<void> {
    await this.lift();
    for (const socket of this.open.keys()) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    let rest = "";
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.open.delete(socket);
      this.askers.delete(socket);
      this.replicas.delete(socket);
    });
    socket.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines)
        void this.judge(socket, JSON.parse(line) as Question).then((verdict) => {
          if (!socket.destroyed) socket.write(`${verdict}\n`);
        });
    });
  }

  private judge(socket: Socket, question: Question): Promise<Verdict> {
    return question.at === "before" ? this.before(socket, question) : this.after(socket, question);
  }

  private strikes(operation: Operation): boolean {
    const { plan } = this;
    if (plan && isOfEngine(plan.fault) && this.struck > 0) {
      if (!this.known.has(operationId(operation))) this.fresh += 1;
      return this.fresh === LATER_BY && !this.known.has(operationId(operation));
    }
    if (!plan) return false;
    if (this.lasting && isOfReplica(plan.fault)) return operation.replicating === true;
    if (operation.host !== plan.operation.host) return false;
    if (this.lasting) return true;
    const { key, nth } = plan.operation;
    if (operation.key !== key || operation.nth !== nth) return false;
    if (isOfAsker(plan.fault) && !operation.asking) return false;
    if (isOfReplica(plan.fault) && !operation.replicating) return false;
    this.lasting = plan.duration === "lasting" && !plan.fault.startsWith("killed") && !isOfEngine(plan.fault);
    return true;
  }

  private async before(socket: Socket, question: Question): Promise<Verdict> {
    const operation = this.counter.next(question);
    operation.asking = this.askersOf(question.host).length > 0;
    operation.replicating = this.replicas.size > 0;
    if (ASKER.test(question.script)) this.askers.set(socket, question);
    if (REPLICA.test(question.script)) this.replicas.set(socket, question);
    this.asked.push(operation);
    const struck = this.strikes(operation);
    this.open.set(socket, { operation, struck });
    if (!struck) return "run";
    this.struck += 1;
    if (isOfEngine(this.plan!.fault)) {
      await this.victim?.(this.plan!.fault);
      return "run";
    }
    if (isOfAsker(this.plan!.fault)) {
      this.spoil(this.askersOf(question.host), this.plan!);
      return "run";
    }
    if (isOfReplica(this.plan!.fault)) {
      this.spoil(pidsOf(this.replicas), this.plan!);
      return "run";
    }
    switch (this.plan!.fault) {
      case "killed-before":
        await this.victim?.(this.plan!.fault);
        return "drop";
      case "reset":
        signal(question.connection, "SIGKILL");
        return "drop";
      case "hang":
        return this.stall(question);
      case "disk-full":
        await this.fill(question.host, 0);
        return "run";
      case "short-write":
        await this.fill(question.host, ONE_BLOCK);
        return "run";
      case "denied":
        return ["open", "question", "order"].includes(question.kind) ? "run" : "deny";
      default:
        return "run";
    }
  }

  private async after(socket: Socket, { script, args, said = "", connection }: Question): Promise<Verdict> {
    const { operation, struck } = this.open.get(socket)!;
    this.executed.push({ operation, script, args, said });
    if (!struck) return "run";
    if (this.plan?.fault === "killed-after") {
      await this.victim?.(this.plan!.fault);
      return "drop";
    }
    if (this.plan?.fault === "reply-lost") {
      signal(connection, "SIGKILL");
      return "drop";
    }
    if (this.full && !this.lasting) {
      await this.powers.leaveFree(this.full, undefined);
      this.full = undefined;
    }
    return "run";
  }

  private askersOf(host: string): number[] {
    return pidsOf(this.askers, host);
  }

  /** Does to the VMs behind these gatekeepers what the fault says. */
  private spoil(gatekeepers: readonly number[], { fault, duration }: PlannedFault): void {
    const deed = fault.split("-")[1];
    for (const gatekeeper of gatekeepers) {
      const below = descendants(gatekeeper);
      if (deed === "killed") for (const pid of below) signal(pid, "SIGKILL");
      else
        for (const pid of deed === "hung" ? below : [gatekeeper]) {
          signal(pid, "SIGSTOP");
          this.stopped.add(pid);
        }
    }
    if (duration === "lasting" && deed !== "killed") this.whenStalled?.();
  }

  private async fill(host: string, bytes: number): Promise<void> {
    if (this.full) return;
    this.full = host;
    await this.powers.leaveFree(host, bytes);
  }

  private stall({ connection }: Question): Promise<Verdict> {
    const dropped = this.lasting;
    if (dropped) {
      signal(connection, "SIGSTOP");
      this.stopped.add(connection);
    }
    this.whenStalled?.();
    return new Promise((resolve) => this.stalled.push(() => resolve(dropped ? "drop" : "run")));
  }
}

const pidsOf = (sessions: ReadonlyMap<Socket, Question>, host?: string): number[] =>
  [...sessions.values()].filter((one) => (host ?? one.host) === one.host).map(({ pid }) => pid);

/** The processes that a process started, and those that they started. */
function descendants(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((name): [number, number][] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      return [[Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])]];
    } catch {
      return [];
    }
  });
  const below = (of: number): number[] =>
    parents.filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

function signal(pid: number, name: NodeJS.Signals): void {
  // A connection that has ended already has no process, and 0 would be this process and all it was started with.
  if (pid === 0) return;
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
