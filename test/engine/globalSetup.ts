import { createRequire } from "node:module";
import { ensureEngine } from "../../tools/engine";
import { packageRoot } from "../../tools/paths";
import { lastLine, runCommand } from "../../tools/process";

/**
 * Before any engine test: the package as the dynamic-provider host and the plugin stand-in will load it (compiled), and
 * the engine, so that a build of four minutes happens once, alone, and within nobody's time limit.
 */
export default async function setup(): Promise<void> {
  const compiler = createRequire(__filename).resolve("typescript/bin/tsc");
  const compiled = await runCommand(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: packageRoot(),
    timeoutMs: 300_000,
  });
  if (compiled.code !== 0)
    console.log(`the package does not compile cleanly: ${lastLine(compiled.stdout)}\n(see: npm run build)`);
  await ensureEngine(console.log);
}
