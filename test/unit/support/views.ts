import type { ManagerView } from "../../../leofs/checks/view";
import { effectiveConf } from "../../../leofs/conf/conf";
import { Journal } from "../../../leofs/incident/journal";
import type { ManagerEvidence, NodeFact, TableFact } from "../../../leofs/manager/evidence";
import { HostManager } from "../../../leofs/manager/hostManager";
import type { HostFacts } from "../../../leofs/manager/look";
import type { IncidentPlace } from "../../../leofs/manager/lookedAt";
import type { MnesiaHealth } from "../../../leofs/manager/mnesiaHealth";
import type { Place } from "../../../leofs/manager/place";
import { TABLES } from "../../../leofs/mnesia/tables";
import type { Role } from "../../../leofs/names";
import { LocalHost } from "./localHost";

/** A manager as a look would show it; by default one that runs and holds every table with its partner. */
export interface Situation {
  node: string;
  role: Role;
  partner: string;
  /** `serving`, `waiting` (runs, its tables not loaded), `silent` (a process, no answer), `down`. */
  state: "serving" | "waiting" | "silent" | "down";
  conf: string;
  version: string;
  cookie: string;
  /** Files of its Mnesia directory. */
  files: { name: string; bytes: number; kind: "f" | "d" | "l" | "o" }[];
  health: MnesiaHealth | undefined;
  nodes: NodeFact[];
  /** Managers that Mnesia counts as running. */
  running: string[];
  connected: string[];
  now: number;
  begun: string[];
  done: string[];
}

export const MASTER = "manager_0@10.0.0.11";
export const SLAVE = "manager_1@10.0.0.12";
export const NEW = "manager_2@10.0.0.13";

const table = (disc: string[], loaded = true): TableFact => ({
  rows: 2,
  disc,
  memoryOnly: [],
  type: "set",
  loaded,
});

/** Files that are whole; `down`: the node whose going down they note. */
export const intact = (writer?: string, down?: string): MnesiaHealth => ({
  directory: { state: "complete", missing: [], problems: [] },
  damaged: [],
  marks: { writer, down: new Map(down ? [[down, "2026-11-22 19:39:35"]] : []) },
});

/** Files of which some are missing. */
export const broken = (): MnesiaHealth => ({
  directory: { state: "incomplete", missing: ["leo_s3_users.DCD"], problems: [] },
  damaged: [],
  marks: { writer: undefined, down: new Map() },
});

function evidenceOf(it: Situation): ManagerEvidence {
  return {
    node: it.node,
    mnesia: "yes",
    tables: new Map(TABLES.map((name) => [name, table([it.node, it.partner], it.state === "serving")])),
    runningManagers: it.running,
    knownManagers: [it.node, it.partner],
    partners: [it.partner],
    role: it.role,
    pid: 4711,
    directory: "",
    connected: it.connected,
    nodes: it.nodes,
    system: { n: "2", w: "1", r: "1", d: "1", cluster_id: "leofs_1", dc_id: "dc_1" },
  };
}

/** A directory that is there and may be written, with room on its disc. */
const place = (path: string): Place => ({
  path,
  link: false,
  nearest: path,
  real: path,
  writable: true,
  readOnly: false,
  inMemory: false,
  quota: false,
  owner: "leofs",
  sticky: false,
  mountPoint: false,
  disk: "/",
  freeKiB: 1_000_000,
  freeFiles: 1_000_000,
});

/** A view made by hand. `change` may spoil what the situation has no word for. */
export function view(
  given: Partial<Situation> = {},
  change: (view: ManagerView) => void = () => undefined,
): ManagerView {
  const slave = given.node === SLAVE || given.role === "slave";
  const it: Situation = {
    node: slave ? SLAVE : MASTER,
    role: slave ? "slave" : "master",
    partner: slave ? MASTER : SLAVE,
    state: "serving",
    conf: "",
    version: "1.4.4",
    cookie: "401321b4",
    files: [{ name: "schema.DAT", bytes: 5_000, kind: "f" }],
    health: given.state === "down" ? intact() : undefined,
    nodes: [],
    running: [MASTER, SLAVE],
    connected: [],
    now: 1_000_000,
    begun: [],
    done: [],
    ...given,
  };
  const home = `/leofs/leo_manager_${it.role === "master" ? 0 : 1}`;
  const path = `${home}/etc/leo_manager.conf`;
  const conf = effectiveConf(
    `${it.conf}\nnodename = ${it.node}\nmanager.partner = ${it.partner}\n`,
    [],
    path,
  );
  const facts: HostFacts = {
    label: `leofs@${it.node.split("@")[1]}:22`,
    user: "leofs",
    runAs: "leofs",
    now: it.now,
    home: { exists: true, script: true },
    conf: {
      path,
      main: it.conf,
      bytes: it.conf,
      overrides: [],
      appConfig: undefined,
      vmArgs: undefined,
      schema: undefined,
    },
    release: { leofs: it.version, erts: "11.1.8" },
    beams: it.state === "down" ? [] : [4711],
    unclearUnits: [],
    watchers: [],
    tools: {
      erlang: true,
      adm: undefined,
      admDumps: false,
    },
  };
  const host = Object.assign(new LocalHost(), { label: facts.label });
  const manager = { node: it.node, home };
  const result: ManagerView = {
    manager: new HostManager({
      host,
      spec: manager,
      as: undefined,
      facts,
      settings: {
        role: it.role,
        node: it.node,
        partner: it.partner,
        cookie: it.cookie,
        mnesiaDirectory: `${home}/work/mnesia`,
        consoleAddress: "127.0.0.1",
        consolePort: 10010,
        jsonPort: 10020,
        conf,
        generated: { partners: [] },
      },
      place: { host, directory: "/backups/production-one", as: undefined },
    }),
    forwardingOff: false,
    evidence: it.state === "serving" || it.state === "waiting" ? evidenceOf(it) : undefined,
    mnesia: {
      path: `${home}/work/mnesia`,
      exists: true,
      readable: true,
      owner: "leofs",
      link: undefined,
      files: it.files,
    },
    places: {
      user: "leofs",
      login: "leofs",
      home,
      seesProcesses: true,
      confRefused: undefined,
      generatedUnread: [],
      unreadable: [],
      odd: [],
      misnamed: [],
      guarded: [],
      unwritable: [],
      mnesiaFixed: false,
      stray: [],
      elsewhere: undefined,
      takenPorts: [],
      mnesia: place(`${home}/work/mnesia`),
      parent: place(`${home}/work`),
      etc: place(`${home}/etc`),
      linked: undefined,
      confFixed: undefined,
      movedTo: undefined,
      log: place(`${home}/log`),
      pipes: place(`/tmp/${home}`),
      backups: { ...place("/backups"), disk: "/backups" },
    },
    journal: Object.assign(new Journal({} as IncidentPlace), {
      begun: new Map(it.begun.map((name) => [name, {}])),
      done: new Map(it.done.map((name) => [name, {}])),
    }),
    health: it.health,
  };
  change(result);
  return result;
}

/** A storage node as the managers list it. */
export const storage = (name: string, answers = true, state = "running", toMove?: number): NodeFact => ({
  node: `${name}@10.0.0.31`,
  type: "storage",
  state,
  answers,
  follows: answers ? [MASTER, SLAVE] : undefined,
  ring: answers ? ["aabbccdd", "aabbccdd"] : undefined,
  toMove,
});
