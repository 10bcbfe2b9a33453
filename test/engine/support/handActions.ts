import { existsSync } from "node:fs";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Sandbox } from "../../../sandbox";
import { succeed } from "../../../sandbox/commands";
import { paths } from "../../../sandbox/layout";

/** A recovery that broke, and an operator who goes on by hand. */
export interface Broken {
  sandbox: Sandbox;
  /** The manager with the data (survivor or donor), and the one that is made from it. */
  good: string;
  other: string;
  /** Forgets the state of the stack, as with a lost checkout. */
  forget(): Promise<void>;
  /** A preview by the real engine. */
  preview(): Promise<void>;
  /** Puts both managers back by `rollback: true`, and names a new incident. */
  rollBack(): Promise<void>;
  /** How many directories were moved by hand so far: each needs a name of its own. */
  moved: number;
}

const mnesiaOf = ({ sandbox }: Broken, manager: string) => paths.mnesia(sandbox.manager(manager).home);
const confOf = ({ sandbox }: Broken, manager: string) =>
  join(sandbox.manager(manager).home, "etc", "leo_manager.conf");

async function setPartner(broken: Broken, manager: string, partner: string): Promise<void> {
  const file = confOf(broken, manager);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/^manager\.partner = .*$/m, `manager.partner = ${partner}`));
}

async function moveAside(broken: Broken, manager: string): Promise<void> {
  const directory = mnesiaOf(broken, manager);
  if (!existsSync(directory)) return;
  broken.moved += 1;
  await rename(directory, `${directory}.by-hand-${broken.moved}`);
}

/** Puts a directory (default: the one that the recovery had moved aside) in its place; the one that is there goes aside. */
export async function moveBack(broken: Broken, manager: string, wanted?: string): Promise<void> {
  const directory = mnesiaOf(broken, manager);
  const names = await readdir(dirname(directory));
  const moved = (name: string) =>
    name.startsWith(`${basename(directory)}.`) && !/by-hand|incoming/.test(name);
  const aside = wanted === undefined ? names.find(moved) : basename(wanted);
  if (aside === undefined) return;
  await moveAside(broken, manager);
  await rename(join(dirname(directory), aside), directory);
}

/** Copies the files of the manager with the data over the other's, as the documentation of LeoFS says. */
async function copyOver(broken: Broken): Promise<void> {
  const [from, to] = [mnesiaOf(broken, broken.good), mnesiaOf(broken, broken.other)];
  if (existsSync(from)) await succeed("sh", ["-c", `mkdir -p "$2" && cp -R "$1/." "$2/"`, "sh", from, to]);
}

async function loadDump(broken: Broken): Promise<void> {
  const { backups } = broken.sandbox.manager(broken.good);
  for (const incident of await readdir(backups)) {
    const names = await readdir(join(backups, incident));
    const dump = names.sort().find((name) => /^(dump|final)-/.test(name));
    if (dump)
      await broken.sandbox.control(
        broken.good,
        "load-mnesia-data",
        join(backups, incident, dump, "dump.txt"),
      );
  }
}

async function updateManagers({ sandbox, good, other }: Broken): Promise<void> {
  const [master, slave] = [good, other]
    .map((name) => sandbox.manager(name))
    .sort((a) => (a.role === "master" ? -1 : 1));
  await sandbox.console(good, `update-managers ${master!.node} ${slave!.node}`).catch(() => undefined);
}

async function startBoth({ sandbox, good, other }: Broken, first: "master" | "slave"): Promise<void> {
  const order = [good, other].sort((name) => (sandbox.manager(name).role === first ? -1 : 1));
  for (const name of order) await sandbox.startManager(name);
}

/** What an operator may do by hand between two runs of the tool, each by its name. */
export const HAND_ACTIONS: Record<string, (broken: Broken) => Promise<unknown>> = {
  "start good": ({ sandbox, good }) => sandbox.startManager(good),
  "start other": ({ sandbox, other }) => sandbox.startManager(other),
  "start both, slave first": (broken) => startBoth(broken, "slave"),
  "start both, master first": (broken) => startBoth(broken, "master"),
  "stop good": ({ sandbox, good }) => sandbox.stopManager(good),
  "stop other": ({ sandbox, other }) => sandbox.stopManager(other),
  "partner of good: each other": (broken) =>
    setPartner(broken, broken.good, broken.sandbox.manager(broken.other).node),
  "partner of other: each other": (broken) =>
    setPartner(broken, broken.other, broken.sandbox.manager(broken.good).node),
  "partner of good: a typo": (broken) => setPartner(broken, broken.good, "manager_9@127.0.0.9"),
  "partner of other: a typo": (broken) => setPartner(broken, broken.other, "manager_9@127.0.0.9"),
  "copy good's files over other's": copyOver,
  "move good's files aside": (broken) => moveAside(broken, broken.good),
  "move other's files aside": (broken) => moveAside(broken, broken.other),
  "move good's files back": (broken) => moveBack(broken, broken.good),
  "move other's files back": (broken) => moveBack(broken, broken.other),
  "load the dump": loadDump,
  "update-managers": updateManagers,
  "forget the state": ({ forget }) => forget(),
  preview: ({ preview }) => preview(),
};
