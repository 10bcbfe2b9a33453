import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

/**
 * Directory of this package: where its `package.json` is, both when run from TypeScript and from `dist/`.
 * @throws when this file was moved out of the package.
 */
export function packageRoot(): string {
  for (let at = __dirname; at !== path.dirname(at); at = path.dirname(at)) {
    const manifest = path.join(at, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === "leofs-recovery")
      return at;
  }
  throw new Error(`${__dirname} is in no leofs-recovery package: no package.json of that name above it`);
}

/**
 * Where things that are made once a machine are kept, outside any work tree: `$XDG_CACHE_HOME/leofs-recovery`,
 * or `~/.cache/leofs-recovery`. A relative XDG_CACHE_HOME is ignored, as the XDG base directory specification asks.
 */
export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  const xdg = environment.XDG_CACHE_HOME;
  const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(environment.HOME || homedir(), ".cache");
  return path.join(base, "leofs-recovery");
}
