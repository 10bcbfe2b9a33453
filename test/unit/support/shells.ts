import { existsSync } from "node:fs";

/** A POSIX shell of this machine. */
export interface ShellOfMachine {
  name: string;
  /** Program and words that come before those of a script. */
  command: [string, ...string[]];
}

const PATHS: Record<string, string[]> = {
  dash: ["/bin/dash", "/usr/bin/dash"],
  bash: ["/bin/bash", "/usr/bin/bash"],
  busybox: ["/bin/busybox", "/usr/bin/busybox"],
};

/** The shells that hosts have as `sh`, as far as this machine has them. */
export const shells: ShellOfMachine[] = Object.entries(PATHS).flatMap(([name, paths]) => {
  const path = paths.find(existsSync);
  if (!path) return [];
  return [{ name, command: name === "busybox" ? [path, "sh"] : [path] }];
});

/** Names of the shells that this machine does not have. */
export const shellsMissing = Object.keys(PATHS).filter((name) => !shells.some((one) => one.name === name));
