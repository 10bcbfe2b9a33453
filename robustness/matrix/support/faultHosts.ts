import { readdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Sandbox } from "../../../sandbox";
import { command, eventually, succeed } from "../../../sandbox/commands";
import { paths } from "../../../sandbox/layout";
import { controlScript, reply } from "../../../sandbox/managers";
import { endAll, processesOfHome } from "../../../sandbox/processes";
import { startHost, stopHost } from "../../../sandbox/sshHosts";
import { Gate } from "./gate";
import { compiledNodetool, makeLean } from "./leanHome";
import type { Processes } from "./processes";
import { bringAbout, type Parts, type Scenario } from "./scenarios";

/** Whether file systems can be mounted here: what full discs need. */
export const mayMount = process.getuid?.() === 0;

/** Room of a host's file system in bytes; a host needs about 2 MB. */
const ROOM = 64 * 1024 * 1024;

/**
 * A sandbox in the situation of one scenario, to come back to as often as wanted: a gatekeeper before every shell,
 * no TCP forwarding (so that questions to the consoles are operations too), each host on a small file system of its own.
 */
export class FaultHosts {
  private constructor(
    readonly sandbox: Sandbox,
    readonly scenario: Scenario,
    readonly parts: Parts,
    readonly gate: Gate,
    private readonly base: string,
  ) {}

  /** @param base a new directory, which is theirs */
  static async build(scenario: Scenario, processes: Processes, base: string): Promise<FaultHosts> {
    const directory = join(base, "sandbox");
    try {
      const sandbox = await Sandbox.up({ directory, fast: true, storages: 1, gateways: 1 });
      const parts = await bringAbout(sandbox, scenario);
      // The good one last, and cleanly: its files are then the last word of the pair.
      for (const name of [parts.from, parts.good])
        if (name) await controlScript(sandbox.manager(name), "stop");
      const gate = await Gate.listen(join(base, "gate"), directory, { leaveFree });
      const hosts = new FaultHosts(sandbox, scenario, parts, gate, base);
      const nodetool = await compiledNodetool(base);
      for (const name of hosts.names) {
        await makeLean(sandbox.manager(name).home, nodetool);
        await hosts.guard(name, processes);
      }
      await succeed("cp", ["-a", paths.hosts(directory), base]);
      if (mayMount) for (const name of hosts.names) await mount(paths.host(directory, name));
      return hosts;
    } catch (error) {
      await FaultHosts.remove(base);
      throw error;
    }

    async function leaveFree(host: string, bytes: number | undefined): Promise<void> {
      const place = paths.host(directory, host);
      // What runs there may write between the look and the change, which is refused then.
      await eventually(`${bytes} bytes free in ${place}`, 5_000, async () => {
        const { blocks, bfree, bsize } = await statfs(place);
        const size = bytes === undefined ? ROOM : (blocks - bfree) * bsize + bytes;
        const { code } = await command("mount", ["-o", `remount,size=${size}`, place]);
        return code === 0 ? true : undefined;
      });
    }
  }

  /** The managers whose hosts take part. */
  get names(): string[] {
    const { from } = this.parts;
    return [...this.pair, ...(from ? [from] : [])];
  }

  /** The managers of the pair as it is to be at the end. */
  get pair(): string[] {
    return [this.parts.good, this.parts.other];
  }

  /** A directory of the test's own, which `restore` leaves alone. */
  get workDirectory(): string {
    return this.base;
  }

  /** Back to the beginning: every file as it was, the good manager running and the one that moves, every node following the pair it knew. */
  async restore(): Promise<void> {
    await this.gate.lift();
    const { sandbox, base } = this;
    const { directory } = sandbox;
    for (const name of this.names) {
      const { home, address, sshPort } = sandbox.manager(name);
      await endAll(() => processesOfHome(home));
      const target = paths.host(directory, name);
      for (const entry of await readdir(target))
        await rm(join(target, entry), { recursive: true, force: true });
      await succeed("cp", ["-a", `${join(base, "hosts", name)}/.`, target]);
      await startHost(sandbox.tools, { directory, name, address, port: sshPort });
    }
    await Promise.all([this.tellNodes(), controlScript(sandbox.manager(this.parts.good), "start")]);
    await this.serving();
    const { from } = this.parts;
    if (from) {
      await controlScript(sandbox.manager(from), "start");
      await eventually(`${from} to serve beside the other one`, 60_000, async () =>
        (await sandbox.serves(from).catch(() => false)) ? true : undefined,
      );
    }
    this.gate.forget();
  }

  /** Storage and gateway nodes stay up (they could not start without both managers): they are told the first pair again. */
  private async tellNodes(): Promise<void> {
    const pair = ["manager_0", "manager_1"].map((name) => `'${this.sandbox.manager(name).node}'`).join(", ");
    for (const { node, type } of Object.values(this.sandbox.description.nodes))
      await this.sandbox.evaluate(node, `leo_${type}_api:update_manager_nodes([${pair}])`);
  }

  private async serving(): Promise<void> {
    const good = this.sandbox.manager(this.parts.good);
    const wanted = Object.keys(this.sandbox.description.nodes).length;
    await eventually(`${good.node} with ${wanted} running nodes`, 60_000, async () => {
      const status = (await reply(good, "status")) ?? "";
      const running = status.split("\n").filter((line) => /^ {2}[SG] .*\| running /.test(line)).length;
      return running >= wanted ? true : undefined;
    });
  }

  /** Ends everything and removes its files, whatever state it is in. */
  async end(): Promise<void> {
    await this.gate.close();
    await FaultHosts.remove(this.base);
  }

  /** Ends what was made in a base directory, as far as it came, and removes it. */
  static async remove(base: string): Promise<void> {
    const directory = join(base, "sandbox");
    const names = await readdir(paths.hosts(directory)).catch(() => []);
    // What is mounted below it is busy until every process is gone.
    await Sandbox.down(directory).catch(() => undefined);
    for (const name of names) await unmount(paths.host(directory, name));
    await Sandbox.down(directory);
    await rm(base, { recursive: true, force: true });
  }

  private async guard(name: string, { gatekeeper }: Processes): Promise<void> {
    const { sandbox, base } = this;
    const { directory } = sandbox;
    await stopHost({ directory, name });
    const file = join(paths.ssh(directory, name), "sshd_config");
    const text = (await readFile(file, "utf8")).replace("AllowTcpForwarding yes", "AllowTcpForwarding no");
    const forced = `ForceCommand exec ${process.execPath} ${gatekeeper} ${join(base, "gate")} ${name}`;
    await writeFile(file, `${text}${forced}\n`);
  }
}

async function mount(place: string): Promise<void> {
  await succeed("mount", ["-t", "tmpfs", "-o", `size=${ROOM},mode=755`, "tmpfs", place]);
}

async function unmount(place: string): Promise<void> {
  if (mayMount) await succeed("umount", ["-l", place]).catch(() => undefined);
}
