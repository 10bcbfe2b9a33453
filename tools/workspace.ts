import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { automation } from "@pulumi/pulumi";
import { type CommandPlugin, ensureCommandPlugin } from "./commandPlugin";
import { type Engine, ensureEngine } from "./engine";
import { loadFresh } from "./entry";
import { packageRoot } from "./paths";
import { lastLine, runCommand } from "./process";
import { type ConfigValue, writeConfig } from "./stackConfig";

const PASSPHRASE = "passphrase";
const EXPORT_LIMIT_MS = 60_000;
const PROJECT = "leofs-recovery";
const resolveHere = createRequire(__filename).resolve;

/** What a throw-away stack is made of. */
export interface StackOptions {
  /** The stack's name. */
  name: string;
  /** The project's name. Default `leofs-recovery`. */
  project?: string;
  /** Where it lives: absent, empty, or made by an earlier call. Default: a new directory among the temporary ones. */
  directory?: string;
  /** The Pulumi program: what it returns are the stack's outputs. Either this or `entry`. */
  program?: automation.PulumiFn;
  /** A compiled program, such as `dist/index.js`, loaded again for each run; its exports are the stack's outputs. */
  entry?: string;
  /** The whole configuration; `secret("...")` at any depth. */
  config?: Record<string, ConfigValue>;
  /** More packages that the dynamic providers can load: directory by name. `leofs-recovery` is always there. */
  packages?: Record<string, string>;
  /** Default: {@link ensureEngine}. */
  engine?: Engine;
  /** Default: {@link ensureCommandPlugin}. */
  plugin?: CommandPlugin;
}

/** A stack in a project directory of its own, with nothing of the user's Pulumi settings in it. */
export interface ThrowAwayStack {
  /** `preview`, `up`, `refresh`, `destroy` are here. */
  stack: automation.Stack;
  directory: string;
  /** Environment with which the CLI runs on this stack by hand (in `directory`). It holds the passphrase. */
  environment: Record<string, string>;
  /** Replaces the whole configuration. */
  configure(config: Record<string, ConfigValue>): Promise<void>;
  /** The state as `pulumi stack export` gives it: secrets stay encrypted. */
  exportState(): Promise<automation.Deployment>;
  /** Removes the directory with the state in it. What the stack made elsewhere stays: destroy first. */
  remove(): Promise<void>;
}

/**
 * Makes (or opens again) a stack for the demo and the tests: project file, `file://` backend, Pulumi home and a passphrase made
 * at run time in one directory, in which the dynamic-provider host, whose working directory it is, finds this package.
 * @throws when the directory holds something else, or there is no engine or no plugin.
 */
export async function openStack(options: StackOptions): Promise<ThrowAwayStack> {
  const engine = options.engine ?? (await ensureEngine());
  const plugin = options.plugin ?? (await ensureCommandPlugin(engine));
  const project = options.project ?? PROJECT;
  const program = options.program ?? entryProgram(options.entry);
  const directory = options.directory
    ? path.resolve(options.directory)
    : await mkdtemp(path.join(tmpdir(), "leofs-recovery-stack-"));
  const made = await layOut(directory, project, plugin, options.packages ?? {});
  try {
    const environment = await environmentOf(directory, plugin);
    const stack = await automation.LocalWorkspace.createOrSelectStack(
      { stackName: options.name, projectName: project, program },
      {
        workDir: directory,
        pulumiHome: environment.PULUMI_HOME,
        pulumiCommand: engine.command,
        envVars: environment,
      },
    );
    const configure = (config: Record<string, ConfigValue>) => writeConfig(stack, project, config);
    await configure(options.config ?? {});
    return {
      stack,
      directory,
      environment,
      configure,
      // Not `stack.exportStack()`: that one asks for the secrets in the clear.
      exportState: async () => {
        const result = await runCommand(
          path.join(engine.directory, "pulumi"),
          ["stack", "export", "--stack", options.name, "--non-interactive"],
          { cwd: directory, env: { ...process.env, ...environment }, timeoutMs: EXPORT_LIMIT_MS },
        );
        if (result.code !== 0) throw new Error(`pulumi stack export: ${lastLine(result.stderr)}`);
        return JSON.parse(result.stdout);
      },
      remove: () => rm(directory, { recursive: true, force: true }),
    };
  } catch (error) {
    if (made) await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function entryProgram(entry: string | undefined): automation.PulumiFn {
  if (!entry) throw new Error("openStack needs a program or an entry");
  return async () => loadFresh(entry);
}

async function layOut(
  directory: string,
  project: string,
  plugin: CommandPlugin,
  packages: Record<string, string>,
): Promise<boolean> {
  if (existsSync(path.join(directory, PASSPHRASE))) return false;
  if (existsSync(directory) && (await readdir(directory)).length > 0)
    throw new Error(`${directory} is neither empty nor a stack made by this tool: choose another directory`);
  const modules = path.join(directory, "node_modules");
  for (const part of [modules, path.join(directory, "state")]) await mkdir(part, { recursive: true });
  await writeFile(path.join(directory, "Pulumi.yaml"), await projectFile(project));
  const links = { [PROJECT]: packageRoot(), "@pulumi": path.dirname(sdkDirectory()), ...packages };
  for (const [name, target] of Object.entries(links)) await symlink(target, path.join(modules, name));
  if (!plugin.onPath) await linkPlugin(plugin, path.join(directory, "home"));
  await writeFile(path.join(directory, PASSPHRASE), randomBytes(24).toString("base64url"), { mode: 0o600 });
  return true;
}

// `main` would move the working directory of the dynamic-provider host to where there is no such file.
async function projectFile(project: string): Promise<string> {
  const own = path.join(packageRoot(), "Pulumi.yaml");
  if (!existsSync(own)) return `name: ${project}\nruntime: nodejs\n`;
  const lines = (await readFile(own, "utf8")).split("\n").filter((line) => !line.startsWith("main:"));
  return lines.map((line) => (line.startsWith("name:") ? `name: ${project}` : line)).join("\n");
}

/** Puts a plugin that is not on the PATH among those of a Pulumi home. */
// The engine passes over symbolic links among a home's plugin directories, but not inside them.
export async function linkPlugin(plugin: CommandPlugin, home: string): Promise<void> {
  const target = path.join(home, "plugins", path.basename(plugin.directory));
  await mkdir(target, { recursive: true });
  for (const name of await readdir(plugin.directory))
    await symlink(path.join(plugin.directory, name), path.join(target, name));
}

async function environmentOf(directory: string, plugin: CommandPlugin): Promise<Record<string, string>> {
  return stackEnvironment(directory, plugin, await readFile(path.join(directory, PASSPHRASE), "utf8"));
}

/** Environment of a CLI that keeps all it has in `home` and `state` of this directory. */
export function stackEnvironment(
  directory: string,
  plugin: CommandPlugin,
  passphrase: string,
): Record<string, string> {
  const search = [
    ...(plugin.onPath ? [plugin.directory] : []),
    // `pulumi-resource-pulumi-nodejs`, which starts the dynamic-provider host, is a file of the SDK.
    sdkDirectory(),
    path.dirname(process.execPath),
    process.env.PATH ?? "",
  ];
  return {
    PATH: search.join(path.delimiter),
    PULUMI_HOME: path.join(directory, "home"),
    PULUMI_BACKEND_URL: `file://${path.join(directory, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Keys come from the configuration; an agent of the person at the keyboard would change the outcome.
    SSH_AUTH_SOCK: "",
  };
}

function sdkDirectory(): string {
  return path.dirname(resolveHere("@pulumi/pulumi/package.json"));
}
