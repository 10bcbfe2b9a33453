import { existsSync } from "node:fs";
import * as path from "node:path";
import { automation } from "@pulumi/pulumi";
import { buildEngine, ENGINE_VERSION } from "./engineBuild";
import { installEngine } from "./engineInstall";
import { makeOnce } from "./makeOnce";
import { cacheRoot } from "./paths";

/** The oldest CLI that is used from the PATH: the first whose `read` may return inputs. */
export const MINIMUM_ENGINE = "3.216.0";

/** A Pulumi CLI that works. */
export interface Engine {
  command: automation.PulumiCommand;
  /** As `3.259.0`. */
  version: string;
  /** On the PATH already, fetched by Pulumi's installer, or built from its Go module. */
  how: "path" | "installer" | "built";
  /** The directory that holds the `pulumi` executable. */
  directory: string;
}

/** One of the ways to a CLI. */
export interface Way {
  /** For messages. */
  name: string;
  /** Throws when this way leads nowhere. */
  find(): Promise<Engine>;
}

/**
 * Finds, fetches or builds a Pulumi CLI, in this order: a `pulumi` on the PATH of version 3.216 or newer; one that
 * an earlier run kept in the cache; Pulumi's own installer; a build from the Go module (about four minutes, once a
 * machine). Nothing outside the cache directory is changed.
 * @param report gets one line for each way that fails, for the progress of a build, and for the engine found.
 *   Default: stderr.
 * @throws when no way works, naming each with its reason and what to install.
 */
export async function ensureEngine(report: (line: string) => void = toStderr): Promise<Engine> {
  return firstEngine(ways(report), report);
}

/**
 * Goes through the ways in their order.
 * @throws when none works, naming each with its reason and what to install.
 */
export async function firstEngine(ways: readonly Way[], report: (line: string) => void): Promise<Engine> {
  const failures: string[] = [];
  for (const way of ways) {
    try {
      const engine = await way.find();
      report(`Pulumi engine ${engine.version} (${way.name}): ${engine.directory}`);
      return engine;
    } catch (error) {
      const failure = `${way.name}: ${(error as Error).message.trim().split("\n")[0]}`;
      failures.push(`  - ${failure}`);
      report(`no Pulumi engine by this way: ${failure}`);
    }
  }
  throw new Error(
    `there is no Pulumi engine, and none of the ways to one worked:\n${failures.join("\n")}\n` +
      `Install Pulumi ${MINIMUM_ENGINE} or newer (https://www.pulumi.com/docs/install/) so that \`pulumi version\` works, ` +
      "or Go 1.25 or newer (https://go.dev/dl/) with access to a Go module proxy, and run this again.",
  );
}

function ways(report: (line: string) => void): Way[] {
  const installed = path.join(cacheRoot(), "engine", `installed-v${ENGINE_VERSION}`);
  const built = path.join(cacheRoot(), "engine", `built-v${ENGINE_VERSION}`);
  const onWait = () => report("another run is making the Pulumi engine; waiting for it");
  const install = {
    name: "Pulumi's installer",
    find: async () => {
      await makeOnce(installed, (staging) => installEngine(staging, ENGINE_VERSION), onWait);
      return open(installed, "installer");
    },
  };
  const build = {
    name: "built from its Go module",
    find: async () => {
      await makeOnce(built, (staging) => buildEngine(staging, report), onWait);
      return open(built, "built");
    },
  };
  // An engine built earlier saves the look for an installer on a machine that had none the last time.
  const makers = existsSync(built) && !existsSync(installed) ? [build, install] : [install, build];
  return [{ name: "`pulumi` on the PATH", find: fromPath }, ...makers];
}

async function open(root: string, how: Engine["how"]): Promise<Engine> {
  const command = await automation.PulumiCommand.get({ root });
  return { command, version: String(command.version), how, directory: path.join(root, "bin") };
}

async function fromPath(): Promise<Engine> {
  const directory = (process.env.PATH ?? "")
    .split(path.delimiter)
    .find((entry) => path.isAbsolute(entry) && existsSync(path.join(entry, "pulumi")));
  if (!directory) throw new Error("there is none");
  const command = await automation.PulumiCommand.get({ skipVersionCheck: true });
  const version = command.version;
  if (!version) throw new Error(`${path.join(directory, "pulumi")} does not say its version`);
  if (version.compare(MINIMUM_ENGINE) < 0) throw new Error(`${version} is older than ${MINIMUM_ENGINE}`);
  return { command, version: String(version), how: "path", directory };
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
