import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../tools/paths";
import { runCommand } from "../../tools/process";

const ROOMS = ["cli", "leofs", "providers", "recovery", "remote"];

/**
 * The file that `leofs-recovery` runs, built again first where a source is newer. Not from TypeScript: each run would
 * compile all of it, which on a busy machine takes longer than what it does.
 */
export async function builtProgram(): Promise<string> {
  const program = join(packageRoot(), "dist/cli/main.js");
  if (newestSource() > builtAt(program)) {
    const { code, stdout, stderr } = await runCommand("npm", ["run", "--silent", "build"], {
      cwd: packageRoot(),
      timeoutMs: 300_000,
    });
    if (code !== 0) throw new Error(`the program was not built:\n${stdout}${stderr}`);
  }
  return program;
}

const newestSource = (): number =>
  Math.max(
    ...ROOMS.flatMap((room) =>
      readdirSync(join(packageRoot(), room), { recursive: true, encoding: "utf8" })
        .map((name) => statSync(join(packageRoot(), room, name)))
        .filter((found) => found.isFile())
        .map((found) => found.mtimeMs),
    ),
  );

/** When it was built; 0: never. */
const builtAt = (program: string): number => statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
