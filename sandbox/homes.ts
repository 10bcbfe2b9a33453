import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "./commands";
import type { Role } from "./describe";
import { type EnvironmentOf, environmentFile } from "./environment";
import { paths, sourceDirectory } from "./layout";
import type { Requirements } from "./requirements";

/** The LeoFS release that the sandbox stands in for. */
export const leofsVersion = "1.4.4";

/** One LeoFS node to install. */
export interface Home {
  /** `leo_manager`, `leo_storage`, `leo_gateway`: the name of script, conf and environment file. */
  type: "leo_manager" | "leo_storage" | "leo_gateway";
  home: string;
  /** Where the node listens. */
  address: string;
  /** Text of etc/<type>.conf. */
  conf: string;
  /** Installed by a package: it runs as `leofs`, without its environment file saying so. */
  packaged?: boolean;
  /** Of a manager. LeoFS has it in the package's schema, not in the conf. */
  role?: Role;
}

/** Compiles the sandbox's Erlang sources into DIR/ebin. Throws with the compiler's own words. */
export async function compile(tools: Requirements, directory: string): Promise<void> {
  const folder = join(sourceDirectory(), "erlang");
  const sources = (await readdir(folder))
    .filter((name) => name.endsWith(".erl"))
    .map((name) => join(folder, name));
  await mkdir(paths.ebin(directory), { recursive: true });
  const outcome = await command(tools.erlc, ["+debug_info", "-o", paths.ebin(directory), ...sources]);
  if (outcome.code !== 0)
    throw new Error(`the sandbox's Erlang does not compile: ${outcome.stdout}${outcome.stderr}`);
}

/**
 * A release carries its own runtime. Here it is links to the installed one, under the names that LeoFS's scripts use, and
 * as official packages have it: without `erl_call`, boot files in `releases/1` only.
 */
async function installRuntime(tools: Requirements, home: string): Promise<void> {
  const bin = join(home, `erts-${tools.ertsVersion}`, "bin");
  await mkdir(bin, { recursive: true });
  const installed = join(tools.erlangRoot, `erts-${tools.ertsVersion}`, "bin");
  const links = new Map((await readdir(installed)).map((name) => [name, join(installed, name)]));
  links
    .set("erl", join(tools.erlangRoot, "bin", "erl"))
    .set("escript", join(tools.erlangRoot, "bin", "escript"));
  links.delete("erl_call");
  await Promise.all([...links].map(([name, target]) => symlink(target, join(bin, name))));
  const nodetool = join(sourceDirectory(), "files", "nodetool");
  if (existsSync(nodetool)) await copyFile(nodetool, join(bin, "nodetool"));
  await mkdir(join(home, "releases", "1"), { recursive: true });
  await symlink(
    join(tools.erlangRoot, "bin", "start_clean.boot"),
    join(home, "releases", "1", "start_clean.boot"),
  );
  const applications = join(tools.erlangRoot, "lib");
  await mkdir(join(home, "lib"), { recursive: true });
  for (const name of await readdir(applications))
    await symlink(join(applications, name), join(home, "lib", name));
  // The second word is the number of the release's build, never LeoFS's version: that is in the names below lib.
  await writeFile(join(home, "releases", "start_erl.data"), `${tools.ertsVersion} 1\n`);
}

/** Unpacks one LeoFS node: script, conf, environment, runtime, empty work and log. Nothing is started. */
export async function installHome(of: EnvironmentOf, node: Home): Promise<void> {
  const { home, type } = node;
  for (const folder of [
    "bin",
    `etc/${type}.d`,
    "work",
    "log/app",
    "log/ring",
    "log/sasl",
    `lib/${type}-${leofsVersion}`,
  ])
    await mkdir(join(home, folder), { recursive: true });
  const script = type === "leo_manager" ? "leo_manager" : "leo_storage-launch";
  await copyFile(join(sourceDirectory(), "files", script), join(home, "bin", type));
  await chmod(join(home, "bin", type), 0o755);
  if (type === "leo_manager") {
    await copyFile(join(sourceDirectory(), "files", "cuttlefish"), join(home, "bin", "cuttlefish"));
    await chmod(join(home, "bin", "cuttlefish"), 0o755);
  }
  await writeFile(join(home, "etc", `${type}.conf`), node.conf);
  await writeFile(join(home, "etc", `${type}.environment`), environmentFile(of, node));
  if (node.role !== undefined) {
    const schema = join(sourceDirectory(), "files", `leo_manager.${node.role}.schema`);
    await copyFile(schema, join(home, "etc", "leo_manager.schema"));
  }
  await installRuntime(of.tools, home);
}
