import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { listens, releaseIndex } from "./addresses";
import { form, install, startAll } from "./cluster";
import { type Description, readDescription, writeDescription } from "./describe";
import type { EnvironmentOf } from "./environment";
import { claimWithEpmd } from "./epmd";
import { paths } from "./layout";
import { consolePorts } from "./managerConf";
import { type SandboxOptions, type Settings, settle } from "./options";
import { debian, NoMachine } from "./package/debian";
import { powerOff } from "./package/machine";
import { endAll, processesOf } from "./processes";
import type { Requirements } from "./requirements";

type Report = (line: string) => void;

const parts = ["sandbox.json", "keys", "ebin", "hosts", "nodes", "log", "snapshot", "Pulumi.sandbox.yaml"];

async function removeParts(directory: string): Promise<void> {
  for (const part of parts) await rm(join(directory, part), { recursive: true, force: true });
  // Only when nothing else is in it.
  await rmdir(directory).catch(() => undefined);
}

/** Whether a sandbox was begun here, even if its description has suffered since: nothing else may be removed. */
async function isOurs(directory: string): Promise<boolean> {
  const text = await readFile(paths.description(directory), "utf8").catch(() => "");
  return text.includes('"epmdPort"');
}

/**
 * Ends every process of the sandbox in this directory and gives its claim back; its files are removed unless
 * `keepFiles`. A directory that holds no sandbox keeps its files. Returns how many processes were ended.
 */
export async function down(directory: string, options: { keepFiles?: boolean } = {}): Promise<number> {
  const sandbox = await readDescription(directory).catch(() => undefined);
  const machines = Object.values(sandbox?.managers ?? {}).flatMap(({ machine }) => machine ?? []);
  const running = machines.length === 0 ? 0 : (await processesOf(directory)).length;
  await Promise.all(machines.map(powerOff));
  const ended = Math.max(running, await endAll(() => processesOf(directory)));
  if (sandbox !== undefined) releaseIndex(sandbox.index, directory);
  if (options.keepFiles !== true && (await isOurs(directory))) await removeParts(directory);
  return ended;
}

async function refuseForeign(directory: string): Promise<void> {
  // A path is pasted into configuration files of three programs, each with its own quoting.
  if (!/^\/[A-Za-z0-9_./+-]+$/.test(directory) || directory.length > 150)
    throw new Error(
      `${directory} will not do for a sandbox: use a shorter path of letters, digits, and . _ + - only`,
    );
  const known = new Set(parts);
  const others = (await readdir(directory).catch(() => [])).filter((name) => !known.has(name));
  if (others.length > 0)
    throw new Error(
      `${directory} holds other files (${others.slice(0, 3).join(", ")}): give the sandbox a directory of its own`,
    );
}

/** The recordings' addresses exist once on a machine. */
async function refuseTakenPorts(settings: Settings): Promise<void> {
  if (settings.addresses !== "recorded") return;
  for (const number of [0, 1])
    for (const port of Object.values(consolePorts(number)))
      if (await listens("127.0.0.1", port))
        throw new Error(
          `something listens on 127.0.0.1:${port}, where a manager with recorded addresses has its console. ` +
            'Only one sandbox with "recorded" addresses fits on a machine, and no LeoFS beside it.',
        );
}

/** Keeps an existing sandbox's settings; options that ask for something else are an error, not a surprise. */
function refuseChanges(sandbox: Description, options: Partial<SandboxOptions>): void {
  const asked = settle(options);
  const { timers: _asked, ...wanted } = asked;
  const changed = Object.entries(wanted)
    .filter(([name]) => options[name as keyof SandboxOptions] !== undefined)
    .filter(
      ([name, value]) => JSON.stringify(sandbox.settings[name as keyof Settings]) !== JSON.stringify(value),
    )
    .map(([name]) => name);
  if (changed.length > 0)
    throw new Error(
      `${sandbox.directory} holds a sandbox with other settings (${changed.join(", ")}). ` +
        'End it with "down" first, or leave these options out to start it as it is.',
    );
}

/** The Debian of the hosts; where there can be none, says why, and what stands in for it. */
async function debianOrNot(tools: Requirements, report: Report): Promise<string | undefined> {
  try {
    return await debian(tools, report);
  } catch (error) {
    if (!(error instanceof NoMachine)) throw error;
    report(
      `no systemd for the hosts here: ${error.message}. In its place: the package's directories on this machine, ` +
        `its managers started by their script, all as ${userInfo().username}`,
    );
    return undefined;
  }
}

/** Builds a sandbox, or starts what of an existing one does not run. After a failure nothing of it runs. */
export async function up(
  tools: Requirements,
  directory: string,
  options: Partial<SandboxOptions>,
  report: Report,
): Promise<Description> {
  const existing = await readDescription(directory);
  if (existing?.state === "ready") {
    refuseChanges(existing, options);
    report(`starting the sandbox in ${directory} again`);
    const index = await claimWithEpmd(tools, directory, existing.index);
    if (index !== existing.index)
      throw new Error(
        `another sandbox has taken the addresses of ${directory} while this one was not running. ` +
          'Its nodes cannot be renamed: build it again with "down" and "up".',
      );
    await startAll(tools, existing, report);
    return existing;
  }
  const settings = settle(options);
  if (existing !== undefined) report("clearing away a sandbox that was never finished");
  await down(directory);
  await refuseForeign(directory);
  await refuseTakenPorts(settings);
  await mkdir(directory, { recursive: true });
  const index = await claimWithEpmd(tools, directory);
  const sandbox: Description = {
    version: 1,
    state: "building",
    cluster: settings.cluster,
    directory,
    index,
    epmdPort: 24300 + index,
    cookie: settings.cookie,
    adm: settings.adm,
    key: paths.key(directory),
    user: userInfo().username,
    managers: {},
    nodes: {},
    settings,
  };
  const of: EnvironmentOf = { directory, index, settings, tools };
  try {
    await writeDescription(sandbox);
    if (settings.layout === "package") {
      of.debian = await debianOrNot(tools, report);
      if (of.debian !== undefined) Object.assign(sandbox, { debian: of.debian, user: settings.login });
    }
    report("installing hosts, managers and nodes");
    await install(of, sandbox);
    await form(tools, sandbox, report);
    sandbox.state = "ready";
    await writeDescription(sandbox);
    return sandbox;
  } catch (error) {
    await down(directory, { keepFiles: true });
    releaseIndex(index, directory);
    throw new Error(`${(error as Error).message}. Everything was ended; the logs are still in ${directory}.`);
  }
}
