import { resolve } from "node:path";
import { startAll, startManagerHost } from "./cluster";
import type { Outcome } from "./commands";
import { consoleCommand } from "./console";
import { type WrittenData, writeData } from "./data";
import {
  companions,
  type Description,
  type ManagerDescription,
  managerOf,
  type Role,
  readDescription,
} from "./describe";
import type { EnvironmentOf } from "./environment";
import { evaluate } from "./erlang";
import { down, up } from "./lifecycle";
import { runOnHost } from "./login";
import { controlScript, isRunning, serves, tablesOnDisc, waitForPair } from "./managers";
import { managersFollowed, nodeScript, startNodes } from "./nodes";
import type { InitialData, SandboxOptions } from "./options";
import { enter } from "./package/machine";
import { type Requirements, requirements } from "./requirements";
import { type Damage, damage, lose, powerOffHost, spare, writeWhileDown } from "./situations";
import { putBack, stopNodes, takeSnapshot } from "./snapshot";
import { stopHost } from "./sshHosts";
import { stackFile } from "./stackFile";
import { look, type Status } from "./status";

export type { Description, ManagerDescription, NodeDescription, Role } from "./describe";
export type { SandboxOptions } from "./options";
export type { Status } from "./status";

companions.push(stackFile);

/**
 * A throw-away cluster on this machine: real sshd hosts, real Erlang and Mnesia managers that misbehave as LeoFS 1.4.4
 * does, storage and gateway nodes. The same verbs as `npm run sandbox`.
 */
export class Sandbox {
  private constructor(
    readonly tools: Requirements,
    private described: Description,
    private readonly report: (line: string) => void,
  ) {}

  /** Builds a sandbox in `options.directory`, or starts the one that is there. Throws with nothing left running. */
  static async up(options: SandboxOptions): Promise<Sandbox> {
    const { directory, report = () => undefined, ...settings } = options;
    const tools = await requirements(report);
    return new Sandbox(tools, await up(tools, resolve(directory), settings, report), report);
  }

  /** The sandbox that is in this directory. Starts nothing. Throws when there is none. */
  static async open(directory: string, report: (line: string) => void = () => undefined): Promise<Sandbox> {
    const described = await readDescription(resolve(directory));
    if (described?.state !== "ready")
      throw new Error(`there is no sandbox in ${resolve(directory)}: build one with "npm run sandbox -- up"`);
    return new Sandbox(await requirements(report), described, report);
  }

  /** Ends the sandbox in this directory, whatever state it is in, and removes its files. Twice does no harm. */
  static down(directory: string): Promise<number> {
    return down(resolve(directory));
  }

  get directory(): string {
    return this.described.directory;
  }

  /** As in sandbox.json, and always of this moment. */
  get description(): Readonly<Description> {
    return this.described;
  }

  private get of(): EnvironmentOf {
    const { directory, index, settings, debian } = this.described;
    return { directory, index, settings, tools: this.tools, ...(debian !== undefined && { debian }) };
  }

  /** A manager by name (`manager_0`) or by role. Throws when there is none. */
  manager(manager: string): ManagerDescription {
    return this.described.managers[this.nameOf(manager)]!;
  }

  private nameOf(manager: string): string {
    const name = manager === "master" || manager === "slave" ? managerOf(this.described, manager) : manager;
    if (this.described.managers[name] === undefined)
      throw new Error(`there is no manager ${name} in this sandbox`);
    return name;
  }

  private node(name: string) {
    const found = this.described.nodes[name];
    if (found === undefined) throw new Error(`there is no node ${name} in this sandbox`);
    return found;
  }

  status(): Promise<Status> {
    return look(this.tools, this.described);
  }

  /** Takes a manager away with its host and its files. Returns its name. */
  lose(role: Role): Promise<string> {
    return lose(this.described, role);
  }

  /** Kills a manager and spoils its Mnesia files. Returns its name. */
  damage(role: Role, how: Damage = {}): Promise<string> {
    return damage(this.described, role, how);
  }

  /** Takes a manager's host off the network with all that runs on it. Its files stay. */
  powerOff(manager: string): Promise<void> {
    return powerOffHost(this.described, this.nameOf(manager));
  }

  /** Starts a manager's host again; as a machine it starts the units that are enabled there. */
  powerOn(manager: string): Promise<void> {
    const name = this.nameOf(manager);
    return startManagerHost(this.tools, this.described, name, this.described.managers[name]!);
  }

  /** Takes the sshd of a storage or gateway node off the network; the node runs on. */
  async cutOffNode(node: string): Promise<void> {
    const { host } = this.node(node);
    if (host) await stopHost({ directory: this.directory, name: host.name });
  }

  /** Runs a program on a manager's machine, as its root, without a login. Throws where the host is no machine. */
  enter(manager: string, ...args: string[]): Promise<Outcome> {
    const { machine } = this.manager(manager);
    if (machine === undefined) throw new Error(`the host of ${manager} is no machine of its own`);
    return enter(machine, args);
  }

  /** Installs one more manager, never started, on a host of its own. Returns its name. */
  spare(options: { role?: Role } = {}): Promise<string> {
    return spare(this.of, this.described, options.role);
  }

  /** Stops one manager (default: the slave), then writes users through the other. */
  writeWhileDown(options: { stopped?: Role; users?: number } = {}): Promise<WrittenData> {
    return writeWhileDown(this.described, options.stopped, options.users);
  }

  /** A new cluster with the same settings in the same directory. */
  async reset(): Promise<void> {
    const { directory, settings } = this.described;
    await down(directory);
    this.described = await up(this.tools, directory, settings, this.report);
  }

  /** Ends everything and removes the files. */
  async down(): Promise<void> {
    await down(this.directory);
  }

  /** Stops everything, copies it aside, starts it again: a state for `restore` to come back to. */
  async snapshot(): Promise<void> {
    await stopNodes(this.described);
    await takeSnapshot(this.described);
    await startAll(this.tools, this.described, this.report);
  }

  /** Back to the last snapshot, whatever happened since; much sooner than `reset`. Returns with everything running. */
  async restore(): Promise<void> {
    await putBack(this.described);
    await startAll(this.tools, this.described, this.report);
  }

  /** Starts what does not run, as far as the situation allows. */
  async start(): Promise<void> {
    await startAll(this.tools, this.described, this.report);
  }

  /** One command on a manager's text console; its whole reply, CRLF and all. Throws when nobody listens. */
  console(manager: string, line: string): Promise<string> {
    const { nodeAddress, consolePort } = this.manager(manager);
    return consoleCommand(nodeAddress, consolePort, line);
  }

  /** One command on a manager's JSON console, parsed. Throws on an empty reply: LeoFS's sign of a crash. */
  async json(manager: string, line: string): Promise<unknown> {
    const { nodeAddress, jsonPort, node } = this.manager(manager);
    const text = await consoleCommand(nodeAddress, jsonPort, line);
    if (text === "") throw new Error(`${node} closed its JSON console without a reply to "${line}"`);
    return JSON.parse(text);
  }

  /** Shell text on a manager's host, through OpenSSH's own client. A non-zero code is a result. */
  run(
    manager: string,
    shellText: string,
    options?: { stdin?: string; timeoutMs?: number },
  ): Promise<Outcome> {
    return runOnHost(this.described, this.manager(manager), shellText, options);
  }

  /** `bin/leo_manager <arguments>` of a manager, without a login. */
  control(manager: string, ...args: string[]): Promise<Outcome> {
    return controlScript(this.manager(manager), ...args);
  }

  /** `bin/leo_manager start`. Exit code 0 says nothing about what follows: see `serves`. */
  startManager(manager: string): Promise<Outcome> {
    return this.control(manager, "start");
  }

  /** `bin/leo_manager stop`: returns when the node is gone. */
  stopManager(manager: string): Promise<Outcome> {
    return this.control(manager, "stop");
  }

  /** Whether the manager's VM is there. */
  isRunning(manager: string): Promise<boolean> {
    return isRunning(this.manager(manager));
  }

  /** Whether the manager answers `status` with data. */
  serves(manager: string): Promise<boolean> {
    return serves(this.manager(manager));
  }

  /** How many tables the manager has on its disc; undefined while its Mnesia does not run. */
  tablesOnDisc(manager: string): Promise<number | undefined> {
    return tablesOnDisc(this.tools, this.described, this.manager(manager));
  }

  /** Returns when these managers serve with every table on disc. */
  waitForPair(managers: readonly string[] = ["master", "slave"], limitMs = 60_000): Promise<void> {
    const pair = managers.map((name) => this.manager(name));
    return waitForPair(this.tools, this.described, pair, limitMs);
  }

  /** Writes users, buckets and endpoints through one manager (default: the master), named with the prefix. */
  writeData(
    data: Partial<InitialData>,
    options: { prefix?: string; through?: string } = {},
  ): Promise<WrittenData> {
    return writeData(this.manager(options.through ?? "master"), data, options.prefix);
  }

  /** The managers that a storage or gateway node follows now; undefined when it does not answer. */
  managersFollowed(node: string): Promise<string[] | undefined> {
    return managersFollowed(this.tools, this.described, this.node(node));
  }

  /** `bin/leo_storage <arguments>` or `bin/leo_gateway <arguments>`. */
  controlNode(node: string, ...args: string[]): Promise<Outcome> {
    return nodeScript(this.node(node), ...args);
  }

  /** Starts a storage or gateway node and returns when it answers. Throws when it refuses to start. */
  startNode(node: string, limitMs = 20_000): Promise<void> {
    return startNodes(this.tools, this.described, [this.node(node)], limitMs);
  }

  /** Evaluates Erlang on any node of the sandbox, by its node name; undefined when it does not answer. */
  evaluate(node: string, expression: string): Promise<string | undefined> {
    return evaluate(this.tools, this.described, node, expression);
  }
}
