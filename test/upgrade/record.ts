/*
 * Records what this version of the package writes, as test data for every later one:
 *
 *   npm run build && node -r ts-node/register/transpile-only test/upgrade/record.ts
 *
 * makes `test/data/written/VERSION`: for a finished takeover and a finished in-place recovery in the sandbox the stack's
 * deployment (`state.json`, secrets in the clear and all of them throw-away ones), its settings (`clusters.json`) and what
 * lies on each manager's host (`HOST.tar.gz`: backups and journal), and the lock files of a recovery that took over from a
 * run that died. Addresses are loopback ones; paths are made to begin with /srv/leofs. To be run once a version, at its
 * release; with `takeover` or `in-place` behind it, only that is recorded.
 */
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { acquireLock } from "../../remote/lock/lock";
import { closeAll, connect } from "../../remote/ssh/pool";
import { Sandbox } from "../../sandbox";
import { succeed } from "../../sandbox/commands";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { packageRoot } from "../../tools/paths";
import type { ConfigValue } from "../../tools/stackConfig";
import { openStack } from "../../tools/workspace";
import { HOME, KEY_TEXT, mapStrings, STACK, VERSIONS } from "./written";

const KINDS = ["takeover", "in-place"] as const;
const FAST_DIALLING = { dialErrorLimit: 1, perDialTimeout: 2 };

const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
const target = join(VERSIONS, version);

async function record(kind: (typeof KINDS)[number], directory: string): Promise<void> {
  const sandbox = await Sandbox.up({
    directory,
    fast: true,
    storages: 1,
    gateways: 1,
    users: 2,
    report: console.log,
  });
  const neutral = neutralFor(sandbox);
  const settings = await settingsOf(sandbox, kind);
  const place = join(target, kind);
  await mkdir(place, { recursive: true });
  const entry = join(packageRoot(), "dist", "index.js");
  const stack = await openStack({ name: STACK, entry, config: { clusters: settings as ConfigValue } });
  try {
    const { outputs } = await stack.stack.up({ onOutput: console.log });
    if (outputs.outcome?.value.production.verdict !== "recovered") throw new Error("it did not recover");
    const write = (name: string, value: unknown) =>
      writeFile(join(place, name), `${JSON.stringify(mapStrings(value, neutral), null, 1)}\n`);
    await write("state.json", await stack.stack.exportStack());
    await write("clusters.json", settings);
  } finally {
    await stack.remove();
  }
  const managers = Object.entries(sandbox.description.managers).filter(([, { lost }]) => !lost);
  for (const [name, { backups }] of managers) await pack(name, backups, place, neutral);
  if (kind === "takeover") await recordLock(sandbox, neutral);
}

/** No path, name or key of this machine. */
function neutralFor(sandbox: Sandbox): (text: string) => string {
  const key = readFileSync(sandbox.description.key, "utf8");
  const replacements: [string, string][] = [
    [key, KEY_TEXT],
    [sandbox.directory, HOME],
    [`${userInfo().username}@${hostname()}`, "operator@desk"],
  ];
  return (text) => replacements.reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

async function settingsOf(sandbox: Sandbox, kind: (typeof KINDS)[number]): Promise<Record<string, unknown>> {
  const make = async () => {
    if (kind === "in-place") {
      await sandbox.damage("slave");
      return inPlaceSettings(sandbox.description, "damaged", "slave");
    }
    await sandbox.lose("master");
    await sandbox.spare();
    return takeoverSettings(sandbox.description, "lost");
  };
  const impatient = JSON.stringify(await make()).replaceAll(
    '"connection":{',
    `"connection":{${JSON.stringify(FAST_DIALLING).slice(1, -1)},`,
  );
  return { production: JSON.parse(impatient) };
}

/** The incident's directories of one host, their texts neutral, as an archive. */
async function pack(
  name: string,
  backups: string,
  place: string,
  neutral: (text: string) => string,
): Promise<void> {
  const staging = await mkdtemp(join(tmpdir(), "leofs-recovery-record-"));
  await cp(backups, join(staging, "backups"), { recursive: true, preserveTimestamps: true });
  const entries = await readdir(staging, { recursive: true, withFileTypes: true });
  for (const entry of entries)
    if (entry.isFile() && (entry.name === "manifest.json" || entry.parentPath.endsWith("/journal"))) {
      const file = join(entry.parentPath, entry.name);
      await writeFile(file, neutral(await readFile(file, "utf8")));
    }
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--sort=name"];
  await succeed("tar", [...owner, "-C", staging, "-czf", join(place, `${name}.tar.gz`), "backups"]);
  await rm(staging, { recursive: true, force: true });
}

/** Two lock files: of a run that showed no sign of life, and of the one of the same incident that took over. */
async function recordLock(sandbox: Sandbox, neutral: (text: string) => string): Promise<void> {
  const { address, sshPort, hostKey, home, backups } = sandbox.manager("manager_1");
  const { user, key } = sandbox.description;
  const privateKey = await readFile(key, "utf8");
  const host = connect({ host: address, port: sshPort, user, hostKey, privateKey });
  const path = join(home, "work", "leofs-recovery.lock");
  const owner = (run: string) => ({ incident: "production/lost", run, stack: `${backups}/production-lost` });
  await acquireLock(host, path, owner("first"), { refreshMs: 3_600_000 });
  await succeed("touch", ["-d", "1 hour ago", path]);
  await acquireLock(host, path, owner("second"), { refreshMs: 3_600_000 });
  const place = join(target, "lock");
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  for (const name of await readdir(join(home, "work")))
    if (name.startsWith("leofs-recovery.lock"))
      await writeFile(join(place, name), neutral(await readFile(join(home, "work", name), "utf8")));
  closeAll();
}

async function main(): Promise<void> {
  const kinds = KINDS.filter((kind) => process.argv.length === 2 || process.argv.includes(kind));
  for (const kind of kinds) {
    await rm(join(target, kind), { recursive: true, force: true });
    const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-record-"));
    try {
      await record(kind, directory);
    } finally {
      await Sandbox.down(directory);
      await rm(directory, { recursive: true, force: true });
    }
  }
  console.log(`recorded: ${target}`);
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
