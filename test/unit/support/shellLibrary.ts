import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { ShellOfMachine } from "./shells";

/** What a function of the manager's shell libraries prints, or a text that uses it: `printedWith("lib", "install-lib")`. */
export const printedWith =
  (...libraries: string[]) =>
  (
    { command: [program, ...words] }: ShellOfMachine,
    call: string[],
    { input = "", PATH = process.env.PATH }: { input?: string; PATH?: string | undefined } = {},
  ): string => {
    const files = libraries.map((name) => join(__dirname, `../../../leofs/manager/scripts/${name}.sh`));
    const text = `${files.map((file) => `. '${file}'`).join("; ")}; "$@"`;
    const env = { ...process.env, PATH, LC_ALL: "C.UTF-8" };
    return execFileSync(program, [...words, "-c", text, "sh", ...call], { input, env, encoding: "utf8" });
  };
