import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { packageRoot } from "../../../tools/paths";

/** The programs of a fault matrix that run as processes of their own, started often: as plain JavaScript. */
export interface Processes {
  gatekeeper: string;
  upWithoutEngine: string;
}

/** Puts the programs in `robustness/matrix/processes` into a directory as JavaScript. */
export async function translateProcesses(directory: string): Promise<Processes> {
  const sources = join(packageRoot(), "robustness", "matrix", "processes");
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  for (const name of await readdir(sources, { recursive: true })) {
    if (!name.endsWith(".ts")) continue;
    const source = await readFile(join(sources, name), "utf8");
    const target = join(directory, name.replace(/\.ts$/, ".js"));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, transpileModule(source, { compilerOptions }).outputText);
  }
  return {
    gatekeeper: join(directory, "gatekeeper", "main.js"),
    upWithoutEngine: join(directory, "upWithoutEngine.js"),
  };
}
