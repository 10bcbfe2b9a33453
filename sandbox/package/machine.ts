import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { command, eventually, type Outcome } from "../commands";
import { paths, sourceDirectory } from "../layout";
import { endAll, type FoundProcess, processesOf } from "../processes";

/** A host that is a machine of its own: Debian with systemd in namespaces. */
export interface Machine {
  /** The sandbox's directory, which the machine sees under the same path. */
  directory: string;
  /** The host: `manager_0`. */
  name: string;
}

const folderOf = ({ directory, name }: Machine): string => paths.host(directory, name);
const variable = "SANDBOX_MACHINE";

/** Its process 1, as this machine sees it; undefined when it is off. */
async function initOf(machine: Machine): Promise<FoundProcess | undefined> {
  const all = await processesOf(machine.directory);
  return all.find(
    (one) => one.program === "systemd" && one.environment.has(`${variable}=${folderOf(machine)}`),
  );
}

/** Whether the machine is on. */
const isOn = async (machine: Machine): Promise<boolean> => (await initOf(machine)) !== undefined;

/** A cgroup for each machine, so that none ends another one's processes by a unit's name. */
const cgroup = ({ directory, name }: Machine): string =>
  `leofs-sandbox-${directory.replaceAll("/", "-").slice(-100)}-${name}`;

const withHierarchy = (text: string): string[] => [
  ...["-m", "sh", "-c"],
  `mount --make-rprivate / && mount -t cgroup -o none,name=systemd,xattr cgroup /mnt && ${text}`,
  "sh",
];

/** Starts the machine, unless it is on, and returns when systemd has started what is enabled there. */
export async function powerOn(debian: string, machine: Machine): Promise<void> {
  if (await isOn(machine)) return;
  const folder = folderOf(machine);
  await mkdir(join(folder, "etc/leofs"), { recursive: true });
  const log = openSync(join(folder, "machine.log"), "a");
  const boot = join(sourceDirectory(), "files", "boot-machine");
  const text =
    'mkdir -p "/mnt/$1" && echo $$ > "/mnt/$1/cgroup.procs" && umount /mnt && shift && ' +
    'exec unshare --mount --pid --fork --uts --cgroup sh "$@"';
  const args = [...withHierarchy(text), cgroup(machine), boot, debian, folder, machine.directory];
  const child = spawn("unshare", args, { detached: true, stdio: ["ignore", log, log] });
  child.unref();
  closeSync(log);
  let ended: number | null | undefined;
  child.once("exit", (code) => {
    ended = code ?? 255;
  });
  await eventually(`systemd of ${machine.name}`, 60_000, async () => {
    if (ended !== undefined)
      throw new Error(`the machine ${machine.name} did not start: see ${folder}/machine.log`);
    const init = await initOf(machine);
    if (init === undefined) return undefined;
    const { stdout } = await command("nsenter", [...into(init), "systemctl", "is-system-running"]);
    return /^(running|degraded|starting)$/.test(stdout.trim()) ? true : undefined;
  });
}

const into = ({ pid }: FoundProcess): string[] => ["-t", String(pid), "-a"];

/** Runs a program on the machine, as its root. A non-zero exit code is a result. Throws when it is off. */
export async function enter(
  machine: Machine,
  args: readonly string[],
  options: { stdin?: string; timeoutMs?: number } = {},
): Promise<Outcome> {
  const init = await initOf(machine);
  if (init === undefined) throw new Error(`the machine ${machine.name} is off`);
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };
  return command("nsenter", [...into(init), ...args], { ...options, env });
}

/** Pulls the plug: process 1 is killed, and the kernel ends all that ran on it. Its files stay. */
export async function powerOff(machine: Machine): Promise<void> {
  await endAll(async () => {
    const init = await initOf(machine);
    return init === undefined ? [] : [init];
  });
  await removeCgroup(machine);
}

/** The kernel lets a cgroup go when its last process has been collected. */
async function removeCgroup(machine: Machine): Promise<void> {
  const text = '[ ! -d "/mnt/$1" ] || find "/mnt/$1" -depth -type d -exec rmdir {} +';
  await eventually(`the cgroup of ${machine.name} removed`, 10_000, async () =>
    (await command("unshare", [...withHierarchy(text), cgroup(machine)])).code === 0 ? true : undefined,
  );
}
