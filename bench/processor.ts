import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sandbox } from "../sandbox";
import { paths } from "../sandbox/layout";
import { processesOfHome } from "../sandbox/processes";

/** Ticks of /proc/PID/stat in a second, on every Linux. */
const TICKS = 100;

/** Processor seconds that a process used itself, and those of its children that ended; zeros once it is gone. */
export async function processorOf(pid: number | "self"): Promise<{ own: number; ended: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const seconds = (from: number) => (Number(fields[from] ?? 0) + Number(fields[from + 1] ?? 0)) / TICKS;
  return { own: seconds(11), ended: seconds(13) };
}

/** Where the processor went until now, in seconds. */
export interface Processor {
  /** What this process started and waited for: the CLI with its engine and plugins, the program, the providers. */
  operator: number;
  /** The sshd of every manager's host with all that its sessions ran: our scripts, the asking VMs, LeoFS's own commands. */
  hosts: number;
  /** The managers that run now. */
  managers: number;
}

/** Adds up what the processes of some clusters used until now. */
export async function processorUntilNow(clusters: readonly Sandbox[]): Promise<Processor> {
  const sum = { operator: (await processorOf("self")).ended, hosts: 0, managers: 0 };
  for (const { directory, description } of clusters)
    for (const [name, { home }] of Object.entries(description.managers)) {
      const pid = await readFile(join(paths.ssh(directory, name), "sshd.pid"), "utf8").catch(() => "");
      if (pid !== "") {
        const { own, ended } = await processorOf(Number(pid));
        sum.hosts += own + ended;
      }
      for (const one of await processesOfHome(home)) sum.managers += (await processorOf(one.pid)).own;
    }
  return sum;
}
