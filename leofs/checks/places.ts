import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { utf8, valuesOf } from "../../remote/sections";
import { settingOf } from "../conf/conf";
import { etcOf } from "../manager/lookedAt";
import type { Manager } from "../manager/manager";
import { answers, type Place, placeIn } from "../manager/place";
import { partnerFile } from "../manager/settings";
import { portsToTake, snmpConfOf, type TakenPort, takenIn } from "./ports";

/** What lets a user write to a place again; `rights` is that where only the user's rights are missing. */
export function writableAgain({ readOnly, disk, dangling }: Place, rights: string): string {
  if (dangling !== undefined)
    return `${dangling} is a symbolic link to what is not there: mount or make that.`;
  return readOnly
    ? `The file system (mounted on ${disk}) is mounted read-only, as Linux does it after an error of a disc: see the kernel's log there (dmesg), then mount it for writing.`
    : rights;
}

/** The directory of the file that a conf is a link to. */
export interface LinkedConf extends Place {
  /** The link, and the file. */
  from: string;
  file: string;
}

/** What later steps of a recovery need of a manager's host, seen before the first of them. */
export interface Places {
  /** Who looked: the user that the steps act as. */
  user: string;
  /** The home without symbolic links; undefined when it cannot be entered. */
  home: string | undefined;
  /** The address that the node's name leads to, when it is none of this host. */
  elsewhere: string | undefined;
  mnesia: Place;
  /** The directory in which the Mnesia directory is renamed. */
  parent: Place;
  etc: Place;
  /** Where the file lies that names the partner, when the conf is a link to it. */
  linked: LinkedConf | undefined;
  /** The file that names the partner, when nobody may replace it (`chattr +i`). */
  confFixed: string | undefined;
  /** Where this very incident moved Mnesia files; undefined: it did not. */
  movedTo: string | undefined;
  log: Place;
  /** Where `bin/leo_manager start` makes the pipes of the console. */
  pipes: Place;
  backups: Place;
  /** Files that the last start generated, and that this user may not read. */
  generatedUnread: string[];
  /** Files and directories below the Mnesia directory that this user may not read. */
  unreadable: string[];
  /** What is neither below it, by its path: links, devices. */
  odd: string[];
  /** Files and directories there with names that no list of digests tells, or that are not UTF-8. */
  misnamed: string[];
  /** Of the Mnesia directory and its files those that this user may not write; three at most. */
  guarded: string[];
  /** Of what else every start writes, the same: queues, the SNMP agent's files, the console's log. */
  unwritable: string[];
  /** Nobody may rename the Mnesia directory (`chattr +i`, `+a`). */
  mnesiaFixed: boolean;
  /** Files below the conf directory that LeoFS would take for one it has just generated. */
  stray: string[];
  /** Ports of the next start that something else has. */
  takenPorts: TakenPort[];
  /** The user who logs in sees the processes of others. */
  seesProcesses: boolean;
  /** Who logs in. */
  login: string;
  /** What LeoFS's own generator says of the conf that it cannot read; undefined when it can, or is not there. */
  confRefused: string | undefined;
}

/** A line break (as the script shows it), a backslash, what was no UTF-8. */
const UNTOLD = /[\x7f\\\ufffd]/;

const LOOK = script("leofs/checks/scripts/look-at-places.sh");
const SEE_PROCESSES = script("leofs/checks/scripts/see-processes.sh");
const TRY_CONF = script("leofs/checks/scripts/try-conf.sh");

const whereOf = ({ spec: { node, home }, facts }: Manager) => ({ node, home, etc: etcOf(facts) });

/** Looks at all that later steps need of a manager's host, read-only. */
export async function lookAtPlaces(
  manager: Manager,
  backupDirectory: string,
  incident: string,
): Promise<Places> {
  const { host, as, settings } = manager;
  const where = whereOf(manager);
  const { path: conf } = partnerFile(manager);
  const ports = portsToTake(manager);
  const values = {
    ...where,
    mnesia: settings.mnesiaDirectory,
    backups: backupDirectory,
    conf,
    aside: `${settings.mnesiaDirectory}.${incident}`,
    snmp: snmpConfOf(settings),
    queue: settingOf(settings.conf, "queue_dir", settings.role),
    list: ports.map(({ protocol, port }) => `${protocol}/${port}`),
  };
  const [looked, processes, confRefused] = await Promise.all([
    answers(host, LOOK, values, as),
    answers(host, SEE_PROCESSES, {}),
    tryConf(manager),
  ]);
  const place = (name: string) => placeIn(looked, name);
  const names = (name: string) => valuesOf(looked, name).map(utf8);
  const file = looked.values.get("linked.file");
  return {
    user: looked.values.get("user") ?? "",
    home: looked.values.get("home") || undefined,
    elsewhere: looked.values.get("elsewhere") || undefined,
    mnesia: place("mnesia"),
    parent: place("parent"),
    etc: place("etc"),
    linked:
      file === undefined
        ? undefined
        : {
            ...place("linked"),
            from: conf,
            file: utf8(file),
          },
    confFixed: looked.values.has("conf.fixed") ? utf8(looked.values.get("conf.fixed")!) : undefined,
    movedTo: looked.values.has("aside") ? utf8(looked.values.get("aside")!) : undefined,
    log: place("log"),
    pipes: place("pipes"),
    backups: place("backups"),
    generatedUnread: names("generated"),
    unreadable: names("unreadable"),
    odd: names("odd"),
    misnamed: names("named").filter((name) => UNTOLD.test(name)),
    guarded: names("guarded"),
    unwritable: names("unwritable"),
    mnesiaFixed: looked.values.has("mnesia.fixed"),
    stray: names("stray"),
    takenPorts: takenIn(looked, ports),
    seesProcesses: processes.values.has("seen"),
    login: processes.values.get("user") ?? "",
    confRefused,
  };
}

/** The generator takes as long as an Erlang VM takes to start: the same conf is tried once. */
const tried = new WeakMap<Host, Map<string, Promise<string | undefined>>>();

function tryConf(manager: Manager): Promise<string | undefined> {
  const { host, spec, facts } = manager;
  const { main, overrides, schema } = facts.conf;
  const key = JSON.stringify([spec.home, facts.conf.path, main, overrides, schema]);
  const here = tried.get(host) ?? new Map<string, Promise<string | undefined>>();
  tried.set(host, here);
  const known = here.get(key);
  if (known) return known;
  const told = generatorSays(manager);
  here.set(key, told);
  told.catch(() => here.delete(key));
  return told;
}

async function generatorSays(manager: Manager): Promise<string | undefined> {
  const { host, as } = manager;
  const where = whereOf(manager);
  const { values, contents } = await answers(host, TRY_CONF, where, as);
  if (!values.has("tried") || (values.has("app") && values.has("vm"))) return undefined;
  const said = utf8(contents.get("said") ?? "").trim();
  return said.split("\n").slice(-3).join(" ").slice(0, 300) || "it wrote nothing and said nothing";
}
