import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CommandPlugin, ensureCommandPlugin } from "../../../tools/commandPlugin";
import { type Engine, ensureEngine } from "../../../tools/engine";
import { packageRoot } from "../../../tools/paths";
import { runCommand } from "../../../tools/process";
import { linkPlugin, stackEnvironment } from "../../../tools/workspace";
import { LanguageHost } from "./languageHost";

/** Commands of the CLI that run the project's program or load its plugins. */
const WITH_PROGRAM = ["preview", "up", "refresh", "destroy"];
const LIMIT_MS = 120_000;

/** How a command of the CLI is run otherwise. */
interface More {
  timeoutMs?: number;
  onLine?: (line: string) => void;
  /** More of the environment. */
  env?: NodeJS.ProcessEnv;
}

/** What one command of the CLI came to. */
export interface Said {
  code: number;
  stdout: string;
  /** Both streams. */
  text: string;
  seconds: number;
}

/**
 * The project as a person has it after `git clone` and `npm install`, which builds `dist/`, with a Pulumi home and a
 * `file://` backend of its own. The working directory of everything is the clone.
 */
export class Clone {
  /** All that any command printed. */
  said = "";
  private constructor(
    private readonly root: string,
    private readonly engine: Engine,
    private readonly environment: NodeJS.ProcessEnv,
    readonly host: LanguageHost,
  ) {}

  /** Its files are those that git tracks or would add: what a clone has. */
  static async make(): Promise<Clone> {
    const engine = await ensureEngine();
    const plugin = await ensureCommandPlugin(engine);
    const root = await mkdtemp(join(tmpdir(), "leofs-recovery-clone-"));
    try {
      await layOut(root);
      if (!plugin.onPath) await linkPlugin(plugin, join(root, "home"));
      const environment = environmentOf(root, engine, plugin);
      return new Clone(root, engine, environment, await LanguageHost.start(environment));
    } catch (error) {
      await rm(root, { recursive: true, force: true });
      throw error;
    }
  }

  /** Where the files of the project are. */
  get directory(): string {
    return directoryOf(this.root);
  }

  /** `pulumi <args>` in the clone, without a terminal. A non-zero code is a result. */
  pulumi(...args: string[]): Promise<Said> {
    return this.pulumiIn(this.directory, args);
  }

  /** {@link pulumi} in another project's directory, for longer, or with each line as it comes. */
  async pulumiIn(
    directory: string,
    args: readonly string[],
    { timeoutMs = LIMIT_MS, onLine, env = {} }: More = {},
  ): Promise<Said> {
    const started = performance.now();
    const client = WITH_PROGRAM.includes(args[0] ?? "") ? [`--client=${this.host.address}`] : [];
    const { code, stdout, stderr } = await runCommand(
      join(this.engine.directory, "pulumi"),
      [...args, ...client, "--non-interactive", "--color=never"],
      { cwd: directory, env: { ...this.environment, ...env }, timeoutMs, onLine },
    );
    this.said += stdout + stderr;
    return { code, stdout, text: stdout + stderr, seconds: (performance.now() - started) / 1000 };
  }

  /** `leofs-recovery <args>` in the clone: what a person types besides. A non-zero code is a result. */
  async leofsRecovery(...args: string[]): Promise<Said> {
    const started = performance.now();
    const { code, stdout, stderr } = await runCommand(
      process.execPath,
      [join(this.directory, "dist/cli/main.js"), ...args],
      { cwd: this.directory, env: this.environment, timeoutMs: LIMIT_MS },
    );
    this.said += stdout + stderr;
    return { code, stdout, text: stdout + stderr, seconds: (performance.now() - started) / 1000 };
  }

  /** {@link pulumi}, and its stdout. Throws with all that it said when it failed. */
  async must(...args: string[]): Promise<string> {
    const { code, stdout, text } = await this.pulumi(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${text}`);
    return stdout;
  }

  /** Every file of the backend, as one text. */
  async state(): Promise<string> {
    const state = join(this.root, "state");
    const entries = await readdir(state, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return (
      await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")))
    ).join();
  }

  /** Ends what runs, and removes the clone with its backend. */
  async remove(): Promise<void> {
    await this.host.stop();
    await rm(this.root, { recursive: true, force: true });
  }
}

const directoryOf = (root: string): string => join(root, "leofs-recovery");

async function layOut(root: string): Promise<void> {
  const directory = directoryOf(root);
  const own = packageRoot();
  const listed = await runCommand("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: own,
    timeoutMs: LIMIT_MS,
  });
  if (listed.code !== 0) throw new Error(`git lists no files: ${listed.stderr}`);
  for (const file of listed.stdout.split("\0").filter((name) => name && existsSync(join(own, name)))) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await cp(join(own, file), join(directory, file));
  }
  await cp(join(own, "dist"), join(directory, "dist"), { recursive: true });
  await symlink(join(own, "node_modules"), join(directory, "node_modules"));
  await mkdir(join(root, "state"));
}

// Nothing of the test runner's own environment: a person's shell has none of it.
function environmentOf(root: string, engine: Engine, plugin: CommandPlugin): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_|TS_NODE|npm_|PULUMI_)/.test(name),
  );
  const own = stackEnvironment(root, plugin, "one-passphrase");
  return { ...Object.fromEntries(kept), ...own, PATH: `${engine.directory}:${own.PATH}`, COLUMNS: "80" };
}
