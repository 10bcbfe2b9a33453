import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { packageRoot } from "../../../tools/paths";

/** The programs of a fault matrix that run as processes of their own, started often: as plain JavaScript. */
export interface Processes {
  gatekeeper: string;
  upWithoutEngine: string;
}

/** Puts the programs in `robustness/matrix/processes` into a directory as JavaScript. */
export async function translateProcesses(directory: string): Promise<Processes> {
  await mkdir(directory, { recursive: true });
  const translate = async (name: string): Promise<string> => {
    const source = await readFile(
      join(packageRoot(), "robustness", "matrix", "processes", `${name}.ts`),
      "utf8",
    );
    const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
    const target = join(directory, `${name}.js`);
    await writeFile(target, transpileModule(source, { compilerOptions }).outputText);
    return target;
  };
  return {
    gatekeeper: await translate("gatekeeper"),
    upWithoutEngine: await translate("upWithoutEngine"),
  };
}
