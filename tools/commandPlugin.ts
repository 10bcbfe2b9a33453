import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";
import type { Engine } from "./engine";
import { makeOnce } from "./makeOnce";
import { cacheRoot, packageRoot } from "./paths";
import { lastLine, runCommand } from "./process";

/** The version of the `command` plugin that goes with the `@pulumi/command` of package.json. */
export const COMMAND_VERSION = "1.2.1";

const EXECUTABLE = "pulumi-resource-command";
const DIRECTORY = `resource-command-v${COMMAND_VERSION}`;
const DOWNLOAD_LIMIT_MS = 5 * 60_000;

/** The plugin that runs `command.remote.Command`. */
export interface CommandPlugin {
  /** Found on this machine, fetched by `pulumi plugin install`, or the project's own stand-in. */
  how: "installed" | "downloaded" | "stand-in";
  /** The directory that holds the executable. */
  directory: string;
  /** Whether the engine finds it through the PATH; else `directory` belongs among a Pulumi home's plugins. */
  onPath: boolean;
}

/**
 * Finds the `command` plugin (in the Pulumi home, then on the PATH), else downloads it into the cache, else falls back
 * to the stand-in, which is for the demo and the tests only: a user's stack always has the official one.
 * @param report gets one line for what is used, and why not something better. Default: stderr.
 * @throws when the stand-in is needed and the package is not built.
 */
export async function ensureCommandPlugin(
  engine: Engine,
  report: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<CommandPlugin> {
  const installed = findInstalled();
  if (installed) {
    report(`command plugin ${COMMAND_VERSION} (installed): ${installed.directory}`);
    return installed;
  }
  const cached = path.join(cacheRoot(), "plugins", DIRECTORY);
  try {
    await makeOnce(cached, (staging) => download(engine, staging));
    report(`command plugin ${COMMAND_VERSION} (downloaded): ${cached}`);
    return { how: "downloaded", directory: cached, onPath: false };
  } catch (error) {
    const directory = path.join(packageRoot(), "tools", "standIn");
    if (!existsSync(path.join(packageRoot(), "dist", "tools", "standIn", "main.js")))
      throw new Error(
        `the command plugin cannot be downloaded (${(error as Error).message}), and its stand-in is not built: run \`npm run build\``,
      );
    report(
      `command plugin: using this project's stand-in, for demo and tests only; the official ${COMMAND_VERSION} cannot be downloaded: ${(error as Error).message}`,
    );
    return { how: "stand-in", directory, onPath: true };
  }
}

function findInstalled(): CommandPlugin | undefined {
  const home = process.env.PULUMI_HOME || path.join(process.env.HOME || homedir(), ".pulumi");
  const inHome = path.join(home, "plugins", DIRECTORY);
  if (existsSync(path.join(inHome, EXECUTABLE)))
    return { how: "installed", directory: inHome, onPath: false };
  const onPath = (process.env.PATH ?? "")
    .split(path.delimiter)
    .find((entry) => path.isAbsolute(entry) && existsSync(path.join(entry, EXECUTABLE)));
  return onPath ? { how: "installed", directory: onPath, onPath: true } : undefined;
}

async function download(engine: Engine, staging: string): Promise<void> {
  const home = path.join(staging, "home");
  const result = await runCommand(
    path.join(engine.directory, "pulumi"),
    ["plugin", "install", "resource", "command", COMMAND_VERSION, "--non-interactive"],
    {
      cwd: staging,
      env: { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeoutMs: DOWNLOAD_LIMIT_MS,
    },
  );
  if (result.code !== 0) throw new Error(reason(result.stderr));
  const unpacked = path.join(home, "plugins", DIRECTORY);
  for (const name of await readdir(unpacked))
    await rename(path.join(unpacked, name), path.join(staging, name));
  await rm(home, { recursive: true, force: true });
}

function reason(stderr: string): string {
  const error = stderr.split("\n").find((line) => line.startsWith("error:"));
  return error ?? lastLine(stderr);
}
