import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What /proc shows of a process; empty where this user may not look, or it is gone. */
export function read(pid: number | string, what: "cmdline" | "environ" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** The process ids of the machine. */
export const processIds = (): string[] => readdirSync("/proc").filter((name) => /^\d+$/.test(name));

/** The VMs that ask nodes from a home, by process id. */
export const askingVms = (home: string): number[] =>
  processIds()
    .filter((pid) => read(pid, "cmdline").includes(`-root ${home} `))
    .filter((pid) => read(pid, "cmdline").includes("-leofs_recovery ask "))
    .map(Number);

/** Paths of everything that a process has open. */
export function openFiles(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).map((name) => {
    try {
      return readlinkSync(`${directory}/${name}`);
    } catch {
      return "";
    }
  });
}
