import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

/** One process of this machine, as /proc shows it. */
export interface FoundProcess {
  pid: number;
  parent: number;
  /** The program's file name: `beam.smp`, `heart`, `sshd`. */
  program: string;
  commandLine: string;
  /** `NAME=value` as it was started with; empty where this user may not look. */
  environment: ReadonlySet<string>;
}

/** Every node and daemon of a sandbox is started with this variable, so that its processes can be told apart. */
export const directoryVariable = "SANDBOX_DIRECTORY";
/** Every process of one LeoFS node carries its home in this one. */
export const homeVariable = "SANDBOX_HOME";

async function look(pid: number): Promise<FoundProcess | undefined> {
  try {
    const [stat, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended; only its parent can take the entry away.
    if (state === "Z" || state === "X") return undefined;
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    const file = await readlink(`/proc/${pid}/exe`).catch(() => "");
    return {
      pid,
      parent: Number(parent),
      program: basename(file) || stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
      commandLine: commandLine.replaceAll("\0", " ").trim(),
      environment: new Set(environment.split("\0")),
    };
  } catch {
    return undefined;
  }
}

async function everyProcess(): Promise<FoundProcess[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map((name) => look(Number(name))));
  return found.filter((process) => process !== undefined);
}

/** This process and those that started it: never ended, whatever their environment says. */
function ownLine(all: readonly FoundProcess[]): Set<number> {
  const line = new Set<number>();
  const byPid = new Map(all.map((process) => [process.pid, process]));
  for (
    let pid: number | undefined = process.pid;
    pid !== undefined && !line.has(pid);
    pid = byPid.get(pid)?.parent
  )
    line.add(pid);
  return line;
}

async function select(matches: (candidate: FoundProcess) => boolean): Promise<FoundProcess[]> {
  const all = await everyProcess();
  const own = ownLine(all);
  const chosen = new Set(all.filter((one) => !own.has(one.pid) && matches(one)).map((one) => one.pid));
  // An sshd's sessions carry no trace of the sandbox themselves: what a chosen process started belongs to it.
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size;
    for (const one of all) if (chosen.has(one.parent) && !own.has(one.pid)) chosen.add(one.pid);
  }
  return all.filter((one) => chosen.has(one.pid));
}

const daemons = new Set(["sshd", "sshd-session", "epmd", "beam.smp", "heart", "run_erl"]);

/** Every process of the sandbox in this directory. */
export function processesOf(directory: string): Promise<FoundProcess[]> {
  return select(
    (one) =>
      one.environment.has(`${directoryVariable}=${directory}`) ||
      // sshd overwrites its environment with its title, but the title keeps its configuration file.
      (daemons.has(one.program) && one.commandLine.includes(`${directory}/`)),
  );
}

/** Every process of the LeoFS node in this home: heart, beam, run_erl, scripts. */
export function processesOfHome(home: string): Promise<FoundProcess[]> {
  return select(
    (one) =>
      one.program !== "sshd" &&
      (one.environment.has(`${homeVariable}=${home}`) ||
        (daemons.has(one.program) && one.commandLine.includes(`${home}/`))),
  );
}

/** Process ids of the VM of the LeoFS node in this home: not those of the tools that its script runs beside it. */
export async function vmsOfHome(home: string): Promise<number[]> {
  const node = (one: FoundProcess) =>
    one.program === "beam.smp" && / -name \S+@/.test(one.commandLine.split(" -extra ")[0] ?? "");
  return (await processesOfHome(home)).filter(node).map((one) => one.pid);
}

/** The sshd of one host and all its sessions. */
export function processesOfSshd(config: string): Promise<FoundProcess[]> {
  return select((one) => one.program === "sshd" && ` ${one.commandLine} `.includes(` ${config} `));
}

// heart restarts a beam that it sees dying, and sshd goes last so that a running session is ended, not cut.
const order = ["heart", "run_erl", "beam.smp", "", "epmd", "sshd"];

function rank(one: FoundProcess): number {
  const place = order.indexOf(one.program);
  return place === -1 ? order.indexOf("") : place;
}

/**
 * Ends these processes with SIGKILL, by their ids, heart first, and looks again until a look finds none: a heart
 * may have begun a restart just before. Returns how many were ended. Throws with what is left after `limitMs`.
 */
export async function endAll(find: () => Promise<FoundProcess[]>, limitMs = 60_000): Promise<number> {
  const ended = new Set<number>();
  const end = Date.now() + limitMs;
  for (let quiet = 0; quiet < 2; ) {
    const found = await find();
    quiet = found.length === 0 ? quiet + 1 : 0;
    if (found.length > 0 && Date.now() > end) {
      const left = found.map((one) => `${one.pid} ${one.program}`).join(", ");
      throw new Error(`these processes of the sandbox do not end: ${left}`);
    }
    for (const one of found.sort((a, b) => rank(a) - rank(b))) {
      try {
        process.kill(one.pid, "SIGKILL");
        ended.add(one.pid);
      } catch {
        // It ended by itself.
      }
    }
    if (found.length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return ended.size;
}
