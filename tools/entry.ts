import { createRequire } from "node:module";
import * as path from "node:path";
import { packageRoot } from "./paths";

/** Folders whose modules may keep something from the run before. */
const PROGRAM = ["index.js", "recovery/", "providers/", "leofs/", "remote/"];

/**
 * Loads a compiled Pulumi program as if this were a new process, so that its resources are declared again.
 * @returns its exports: the stack's outputs.
 */
export async function loadFresh(entry: string): Promise<Record<string, unknown>> {
  const load = createRequire(__filename);
  const file = path.resolve(entry);
  const dist = path.join(packageRoot(), "dist");
  for (const loaded of Object.keys(load.cache)) {
    const inside = path.relative(dist, loaded);
    if (loaded === file || PROGRAM.some((part) => inside === part || inside.startsWith(part)))
      delete load.cache[loaded];
  }
  const exported: unknown = await load(file);
  const outputs = typeof exported === "function" ? await exported() : exported;
  return { ...(outputs as Record<string, unknown>) };
}
