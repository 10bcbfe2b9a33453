import { existsSync } from "node:fs";

/**
 * Refuses a file that a command would write when it is there: asked before any host is.
 *
 * @param instead what to do then, a sentence; default: nothing is said
 */
export function mustBeNew(file: string, instead = ""): void {
  if (existsSync(file))
    throw new Error(`${file} is there already; it is not written over${instead && `. ${instead}`}`);
}
