import { resolve } from "node:path";
import type { Command } from "commander";
import type { StackSource } from "./sources";

/** What a command line says of the stack. */
export interface StackOptions {
  cwd: string;
  stack?: string;
  settings?: string;
}

/** A command with the options that say where a stack and its settings are. */
export const withStackOptions = (command: Command): Command =>
  command
    .option("--stack <name>", "the stack (default: the one that is selected)")
    .option("--cwd <directory>", "directory of the Pulumi project", ".")
    .option("--settings <file>", "a Pulumi.STACK.yaml without encrypted values, instead of asking pulumi");

/** Where they are, as the command line says it. */
export const sourceOf = <Options extends StackOptions>({
  cwd,
  ...rest
}: Options): Omit<Options, "cwd"> & Pick<StackSource, "directory"> => ({ ...rest, directory: resolve(cwd) });
