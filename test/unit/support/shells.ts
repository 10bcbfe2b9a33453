import { optionalProgram } from "./optionalProgram";

/** A POSIX shell of this machine. */
export interface ShellOfMachine {
  name: string;
  /** Program and words that come before those of a script. */
  command: [string, ...string[]];
}

function shell(name: string, debianPackage: string, ...words: string[]): ShellOfMachine[] {
  const path = optionalProgram(name, debianPackage);
  return path ? [{ name, command: [path, ...words] }] : [];
}

/** The shells that hosts have as `sh`, as far as this machine has them or can get them. */
export const shells: ShellOfMachine[] = [
  ...shell("dash", "dash"),
  ...shell("bash", "bash"),
  ...shell("busybox", "busybox-static", "sh"),
];
