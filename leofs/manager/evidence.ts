import { ringHash } from "../console/consoleReplies";
import { expressions } from "../erlang/expressions";
import { atomName, atomsIn, formatTerm, intOf, isTuple, itemsOf, type Term, textOf } from "../erlang/terms";
import type { Role } from "../names";
import { ask } from "./ask";
import type { LookedAt } from "./lookedAt";

/** A Mnesia table as one manager holds it. */
export interface TableFact {
  rows: number;
  /** Node names that keep it on disc. */
  disc: string[];
  /** Node names that keep it in memory only: lost at the next restart. */
  memoryOnly: string[];
  type: string;
  /** False while Mnesia still waits for the node that has the newest copy. */
  loaded: boolean;
}

/** A storage or gateway node as the managers list it, and what it says itself when asked. */
export interface NodeFact {
  node: string;
  type: "storage" | "gateway";
  /** The state the managers keep: a record, not a probe. A storage node's is its member's, as `status` shows it. */
  state: string;
  answers: boolean;
  /** Managers it follows in its memory; undefined when it did not answer. */
  follows: string[] | undefined;
  /** Its ring hashes, 8 hex digits: current and previous. */
  ring: [string, string] | undefined;
  /** Messages of a rebalance that this storage node has still to work on; undefined where it did not say. */
  toMove?: number | undefined;
}

/** What a manager knows of itself: one call carries all of it. */
export interface ManagerEvidence {
  node: string;
  mnesia: string;
  tables: Map<string, TableFact>;
  runningManagers: string[];
  knownManagers: string[];
  partners: string[];
  role: Role | undefined;
  pid: number;
  directory: string;
  /** Other visible nodes it is connected to. */
  connected: string[];
  nodes: NodeFact[];
  /** Its own ring hashes, current and previous; `none` without a ring; undefined when it did not say. */
  ring?: [string, string] | "none" | undefined;
  /** Managers of other clusters that this one replicates with (multi data center replication), by their cluster. */
  peers?: Readonly<Record<string, string[]>>;
  /** The cluster's system configuration by LeoFS's field names (`n`, `w`, `cluster_id`, ...); empty when unknown. */
  system: Record<string, string>;
}

/** How many rows a manager has, of all tables, as it counts them. */
export const rowsCounted = ({ tables }: Pick<ManagerEvidence, "tables">): number =>
  [...tables.values()].reduce((sum, { rows }) => sum + rows, 0);

const EVIDENCE = expressions("leofs/manager/questions/evidence.erl");

/**
 * Asks a running manager for all that proves its state, and through it every storage and gateway node it
 * lists: who they follow, which ring they have. Read-only.
 *
 * @throws NodeUnreachable when the manager does not answer.
 */
export async function askEvidence(manager: LookedAt): Promise<ManagerEvidence> {
  const { node } = manager.spec;
  const answer = await ask(manager, EVIDENCE, {}, { seconds: 12 });
  if (!isTuple(answer, 14)) throw new Error(`${node} answered something unexpected about itself`);
  const [
    name,
    running,
    tables,
    live,
    known,
    partners,
    mode,
    pid,
    directory,
    visible,
    nodes,
    system,
    ring,
    peers,
  ] = answer.items;
  return {
    node: atomName(name) ?? node,
    mnesia: atomName(running) ?? "no",
    tables: new Map(itemsOf(tables).map(readTable)),
    runningManagers: atomsIn(live),
    knownManagers: atomsIn(known),
    partners: atomsIn(okValue(partners)),
    role: readRole(okValue(mode)),
    pid: Number(textOf(pid) ?? 0),
    directory: textOf(directory) ?? "",
    connected: atomsIn(visible),
    nodes: itemsOf(nodes).map(readNode),
    ring: readRing(ring) ?? (okValue(ring) ? "none" : undefined),
    peers: readPeers(peers),
    system: Object.fromEntries(itemsOf(system).map(readField)),
  };
}

function readField(term: Term): [string, string] {
  const [name, value] = isTuple(term, 2) ? term.items : [];
  return [atomName(name) ?? "?", value ? (textOf(value) ?? formatTerm(value)) : ""];
}

function readPeers(term: Term | undefined): Record<string, string[]> {
  const peers: Record<string, string[]> = {};
  for (const row of itemsOf(term)) {
    const [node, cluster] = isTuple(row, 2) ? row.items : [];
    if (!node || !cluster) continue;
    const name = textOf(cluster) ?? formatTerm(cluster);
    peers[name] = [...(peers[name] ?? []), textOf(node) ?? formatTerm(node)];
  }
  return peers;
}

const okValue = (term: Term | undefined): Term | undefined =>
  isTuple(term, 2) && atomName(term.items[0]) === "ok" ? term.items[1] : undefined;

function readRole(term: Term | undefined): Role | undefined {
  const name = atomName(term);
  return name === "master" || name === "slave" ? name : undefined;
}

function readTable(term: Term): [string, TableFact] {
  const [name, rows, disc, memory, type, loaded] = isTuple(term, 6) ? term.items : [];
  return [
    atomName(name) ?? "?",
    {
      rows: intOf(rows) ?? 0,
      disc: atomsIn(disc),
      memoryOnly: atomsIn(memory),
      type: atomName(type) ?? "?",
      loaded: atomName(loaded) === "true",
    },
  ];
}

/** `{ok, {Current, Previous}}` as 8 hex digits each; a ring that is not there yet has -1 or nothing. */
function readRing(term: Term | undefined): [string, string] | undefined {
  const pair = okValue(term);
  if (!isTuple(pair, 2)) return undefined;
  const [current, previous] = pair.items.map((item) => intOf(item) ?? -1);
  return current! > 0 ? [ringHash(current!), ringHash(previous!)] : undefined;
}

function readNode(term: Term): NodeFact {
  const [type, node, state, managers, ring, queues] = isTuple(term, 6) ? term.items : [];
  const follows = okValue(managers);
  const left = itemsOf(queues).flatMap((queue) => intOf(queue) ?? []);
  return {
    node: atomName(node) ?? "?",
    type: atomName(type) === "gateway" ? "gateway" : "storage",
    state: atomName(state) ?? "?",
    answers: follows !== undefined,
    follows: follows === undefined ? undefined : itemsOf(follows).map((item) => textOf(item) ?? "?"),
    ring: readRing(ring),
    toMove: left.length > 0 ? left.reduce((sum, messages) => sum + messages, 0) : undefined,
  };
}
