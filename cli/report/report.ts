import { type EntryKind, entries } from "../../leofs/incident/entries";
import type { Noted } from "../../leofs/incident/journal";
import { allOf, type NotedEntry, type NotedFields } from "../../leofs/incident/notedEntry";
import type { RecoveryOutcome } from "../../recovery/outcome";

/** A manager in one of the two pictures. */
export interface PictureManager {
  node: string;
  /** What it was or is, in a word or two: `serves`, `down`, `gone`. */
  state: string;
  serves: boolean;
}

/** Who was there and who followed whom. */
export interface Picture {
  managers: PictureManager[];
  nodes: { node: string; type: string; follows: string[] }[];
}

/** Something that happened, by the journals. */
export interface Happening {
  /** ISO 8601, by the clock of whoever noted it. */
  at: string;
  what: string;
  /** Between the stop of the manager with the data and the proof. */
  inOutage: boolean;
}

/** One recovery of one cluster, as told. */
export interface Report {
  cluster: string;
  incident: string;
  /** `takeover of manager_0@10.0.0.11`, or the like. */
  what: string;
  outcome: RecoveryOutcome | undefined;
  /** Undefined: no manager with the data was stopped, or it is not known. */
  outage: { from: string; to: string } | undefined;
  before: Picture | undefined;
  after: Picture | undefined;
  timeline: Happening[];
  /** What could not be looked at, and why. */
  gaps: string[];
  /** ISO 8601. */
  writtenAt: string;
}

/** It is there when LeoFS made its last tables after the rest was loaded. */
export const LATE_LOADED = "LeoFS's last tables loaded too";

/** What an entry says in the timeline: of whom it is, what was noted, and whether it is done. Undefined: nothing. */
type Titles = { [K in EntryKind]: (of: string, noted: NotedFields<K>, done: boolean) => string | undefined };

const TITLES: Titles = {
  check: (_, { why }) => `checked, and decided: ${why}`,
  before: () => undefined,
  fence: (node, { state, host }) =>
    state === "none" ? `${node} could not be fenced (${host})` : `fence of ${node}: ${state}`,
  dump: (_, { path }) => `dump taken: ${path}`,
  stop: (node, _, done) => (done ? `${node} stopped` : `stopping ${node}`),
  files: (node, { path }) => `files of ${node} backed up${path ? `: ${path}` : ""}`,
  final: (node, { path }) => `backup of ${node} loaded in a VM of its own, rows dumped: ${path}`,
  clear: (node, { aside }, done) =>
    done
      ? `Mnesia directory of ${node} ${aside ? `moved aside to ${aside}` : "was empty"}`
      : `clearing the Mnesia directory of ${node}`,
  partner: (node, { change }) => `partner of ${node} set${change ? "" : ": it was so already"}`,
  given: () => undefined,
  restore: (node, _, done) => (done ? `donor's files are in ${node}` : `putting files in ${node}`),
  load: (_, __, done) => (done ? "dump loaded, every row compared" : "loading the dump"),
  loadLater: () => LATE_LOADED,
  unformed: (node, { aside }) => `what ${node} had of a pair that did not form was moved aside to ${aside}`,
  replica: (node, _, done) => (done ? `${node} is a replica` : `making ${node} a replica`),
  nodes: (_, __, done) => (done ? "confs of nodes name the new pair" : "changing confs of nodes"),
  managers: (node) => `conf of ${node} names the new pair`,
  copied: (name) => `second copy made of ${name}`,
  proven: () => "recovered: proven on both managers and every running node",
  returned: (node) => `${node} put back as it was`,
  rollback: (_, __, done) => (done ? "rolled back" : "rolling back"),
};

function titleOf({ name, kind, of, noted, done }: NotedEntry): string | undefined {
  const title = kind && (TITLES[kind] as (...it: unknown[]) => string | undefined);
  return title ? title(of, noted, done) : `${name} ${done ? "done" : "begun"}`;
}

/** What the journals of both hosts say that happened, in order; what both noted counts once. */
export function timelineOf(journals: readonly Noted[], outage: Report["outage"]): Happening[] {
  const seen = new Map<string, Happening>();
  for (const entry of journals.flatMap(allOf)) {
    const [at, what] = [entry.at, titleOf(entry)];
    if (!at || !what) continue;
    const known = seen.get(what);
    if (known && known.at <= at) continue;
    seen.set(what, { at, what, inOutage: outage !== undefined && at >= outage.from && at <= outage.to });
  }
  return [...seen.values()].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

/** The outage: from the stop of the manager with the data, for as many seconds as the proof, or the rollback, counted. */
export function outageOf(journals: readonly Noted[], seconds: number): Report["outage"] {
  const stops = journals.flatMap((journal) =>
    allOf(journal).flatMap(({ kind, of }) =>
      kind === "stop" ? (entries.stop(of).begun(journal)?.epoch ?? []) : [],
    ),
  );
  if (seconds <= 0 || stops.length === 0) return undefined;
  const from = Math.max(...stops);
  const iso = (epoch: number) => new Date(epoch * 1000).toISOString();
  return { from: iso(from), to: iso(from + seconds) };
}
