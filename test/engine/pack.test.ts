import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureCommandPlugin } from "../../tools/commandPlugin";
import { ensureEngine } from "../../tools/engine";
import { packageRoot } from "../../tools/paths";
import { type CommandResult, runCommand } from "../../tools/process";
import { linkPlugin, stackEnvironment } from "../../tools/workspace";
import { LanguageHost } from "./support/languageHost";

const LIMIT_MS = 280_000;
const root = packageRoot();
const sdk = "3.248.0";

let directory: string;
let tarball: string;

const must = async (
  program: string,
  args: string[],
  cwd: string,
  env?: NodeJS.ProcessEnv,
): Promise<string> => {
  const result: CommandResult = await runCommand(program, args, {
    cwd,
    timeoutMs: LIMIT_MS,
    ...(env && { env }),
  });
  expect(result, result.stdout + result.stderr).toMatchObject({ code: 0 });
  return result.stdout;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-pack-"));
  const packed = await must(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", directory],
    root,
  );
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  tarball = join(directory, filename);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it("holds what an installation needs, and no more", async () => {
  const files = (await must("tar", ["-tzf", tarball], directory)).split("\n").filter(Boolean);
  const rooms = new Set(
    files.map((file) =>
      file
        .split("/")
        .slice(1, file.startsWith("package/dist/") ? 3 : 2)
        .join("/"),
    ),
  );
  const own = ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "package.json"];
  const pages = ["docs", "examples", "sandbox"];
  const code = ["cli", "leofs", "providers", "recovery", "remote"].map((room) => `dist/${room}`);
  expect([...rooms].sort()).toEqual([...own, ...pages, ...code].sort());
  const built = files.filter((file) => file.startsWith("package/dist/"));
  expect(built.filter((file) => !/\.(js|d\.ts|sh|erl)$/.test(file))).toEqual([]);
  expect(files).toContain("package/dist/cli/runbook/scripts/runbook.sh");
});

it("has every page that its pages link to", async () => {
  await must("tar", ["-xzf", tarball], directory);
  const unpacked = join(directory, "package");
  const pages = (await readdir(unpacked, { recursive: true })).filter((file) => file.endsWith(".md"));
  const missing = pages.flatMap((page) =>
    [...readFileSync(join(unpacked, page), "utf8").matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !existsSync(join(unpacked, dirname(page), link)))
      .map((link) => `${page}: ${link}`),
  );
  expect(missing).toEqual([]);
  expect(pages.length).toBeGreaterThan(10);
});

const MANAGERS = {
  npm: ["npm", "install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"],
  pnpm: [join(root, "node_modules/.bin/pnpm"), "install", "--ignore-scripts", "--prefer-offline"],
  yarn: [join(root, "node_modules/.bin/yarn"), "install", "--ignore-scripts", "--silent"],
};

describe("a program of one's own, installed from the package", () => {
  // Each takes most of its time waiting for the registry.
  beforeAll(async () => {
    await Promise.all(Object.entries(MANAGERS).map(([name, command]) => install(name, command)));
  });

  it.each(Object.keys(MANAGERS))("works under %s: types, providers, the command", async (name) => {
    const project = join(directory, name);
    await must(join(root, "node_modules/.bin/tsc"), ["-p", "check.json"], project);
    const providers = await must("node", ["-p", LOADED], project);
    expect(JSON.parse(providers)).toEqual([
      "managerPartnerConfig",
      "managerRegistration",
      "mnesiaBackup",
      "mnesiaImport",
      "recoveryCheck",
      "recoveryRollback",
    ]);
    const help = await must(join(project, "node_modules/.bin/leofs-recovery"), ["--help"], project);
    for (const word of ["diagnose", "report", "runbook", "verify-backup"]) expect(help).toContain(word);
  });

  it("previews with the real engine, hosts out of reach included", async () => {
    const project = join(directory, "npm");
    const engine = await ensureEngine();
    const plugin = await ensureCommandPlugin(engine);
    const home = join(directory, "pulumi");
    await mkdir(join(home, "state"), { recursive: true });
    if (!plugin.onPath) await linkPlugin(plugin, join(home, "home"));
    const own = stackEnvironment(home, plugin, "one-passphrase");
    const env = { ...process.env, ...own, PATH: `${engine.directory}:${own.PATH}`, NODE_PATH: "" };
    const host = await LanguageHost.start(env);
    try {
      const pulumi = (...args: string[]) =>
        must(join(engine.directory, "pulumi"), [...args, "--non-interactive", "--color=never"], project, env);
      await pulumi("stack", "init", "own");
      const shown = await pulumi("preview", "--stack", "own", `--client=${host.address}`);
      expect(shown).toContain("    1. check both managers\n");
      expect(shown).toMatch(/NOT REACHED: manager_1@127\.0\.0\.1/);
    } finally {
      await host.stop();
    }
  });
});

/** What the providers' constant text in a state does, from the directory of the program. */
const LOADED = `JSON.stringify(Object.keys(require("module").createRequire(process.cwd() + "/_")("leofs-recovery/provider")).sort())`;

async function install(name: string, [program, ...args]: string[]): Promise<void> {
  const project = join(directory, name);
  await mkdir(project);
  const dependencies = { "@pulumi/pulumi": sdk, "leofs-recovery": `file:${tarball}`, typescript: "5.9.3" };
  // yarn would give @pulumi/command a second, newer SDK.
  const manifest = {
    name: "own",
    private: true,
    main: "index.ts",
    dependencies,
    resolutions: { "@pulumi/pulumi": sdk },
  };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest));
  await writeFile(join(project, "Pulumi.yaml"), "name: own\nruntime: nodejs\n");
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: "node16",
    moduleResolution: "node16",
    target: "es2022",
    skipLibCheck: true,
  };
  await writeFile(
    join(project, "check.json"),
    JSON.stringify({ compilerOptions, files: ["index.ts", "example.ts"] }),
  );
  await cp(join(root, "examples/ownProgram.ts"), join(project, "example.ts"));
  await writeFile(join(project, "index.ts"), PROGRAM);
  // yarn would take a tarball of the same version out of its own cache.
  const cache = { YARN_CACHE_FOLDER: join(directory, "yarn-cache") };
  await must(program!, args, project, { ...process.env, ...cache });
  expect(existsSync(join(project, "node_modules/leofs-recovery/dist"))).toBe(true);
}

const PROGRAM = `import { type ManagerTarget, Takeover } from "leofs-recovery";

const manager = (number: number): ManagerTarget => ({
  node: \`manager_\${number}@127.0.0.1\`,
  home: \`/usr/local/leofs/current/leo_manager_\${number}\`,
  backupDirectory: "/var/backups/leofs",
  connection: { host: "127.0.0.1", port: 1, user: "nobody", password: "none", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8B29GDkwfsf1iZJx3ACqhlW2kn8A/ZnZeDfHqx6QFQ" },
});

export const outcome = new Takeover("own", {
  cluster: "own",
  incident: "one",
  lost: "manager_0@127.0.0.1",
  survivor: manager(1),
  replacement: manager(2),
}).plan;
`;
