import type { ListedNode } from "../names";
import { each, eachRound, once } from "./entry";
import {
  type Fields,
  flag,
  list,
  maybe,
  number,
  type Read,
  type Reader,
  side,
  text,
  textOrEmpty,
  texts,
  textsIfNoted,
  unlessNot,
} from "./records";

/** A manager's followers as it knew them before the incident. */
export interface Follower extends ListedNode {
  follows: string[];
}

/** `up`: it is there, or was about to be. `lifted`: it is gone again. `none`: it could not be put up, and why. */
export type FenceState = "up" | "lifted" | "none";

/**
 * All entries of the journal. Each is a file `journal/NAME.done` (and `NAME.begun`, where `begun` is given) in the
 * incident's directory on a manager's host, and holds one record as JSON, never a secret. Their names and fields are on
 * discs: they stay. An entry per node is called `NAME.NODE`.
 */
export const entries = {
  check: once("guard", {
    done: {
      good: side,
      master: side,
      /** The two managers by node name, in the order that `good` and `master` count by. */
      nodes: maybe(texts),
      why: textOrEmpty,
      schema: maybe(text),
      method: ((value) => (value === "online" ? "online" : "offline")) as Reader<"online" | "offline">,
      gone: maybe(texts),
      /** The one whose place is taken; with `moves` it is alive. */
      lost: maybe(text),
      moves: maybe(flag),
      askers: maybe(texts),
      back: maybe(textOrEmpty),
    },
    means: "both hosts: checked, and what was decided of whom; Mnesia's name for the tables then",
    by: "providers/check/checkWork.ts",
  }),
  before: each("before", {
    done: {
      /** Its VM was there. */
      running: flag,
      /** Its Mnesia directory existed, possibly empty. */
      mnesia: unlessNot,
      /** LeoFS had generated its `app.config`: it had been started at least once. */
      generated: unlessNot,
      /** Managers that each answering storage and gateway node followed, as this manager knew it. */
      followers: list<Follower>,
      /** Of one that was down: managers that its files noted going down before it. */
      sawDown: maybe(textsIfNoted),
    },
    means: "its host: how the manager was before the first change",
    by: "leofs/incident/before.ts",
  }),
  fence: each("fence", {
    done: {
      state: textOrEmpty as Reader<FenceState>,
      host: textOrEmpty,
      script: maybe(textOrEmpty),
      kept: maybe(textOrEmpty),
      unit: maybe(textOrEmpty),
      problem: maybe(textOrEmpty),
    },
    means: "survivor's host: what became of the fence of the lost manager",
    by: "leofs/incident/fence.ts, providers/fence/fencing.ts",
  }),
  dump: once("dump", {
    done: { path: text },
    means: "host of the manager with the data: a text dump of it was published",
    by: "leofs/incident/backups/dumpBackup.ts",
  }),
  copied: each("copied", {
    done: { host: text, path: text },
    means: "the backup's host: it has a verified second copy, and where",
    by: "leofs/incident/backups/secondCopy.ts",
  }),
  stop: each("stop", {
    begun: { epoch: number, unit: maybe(text) },
    done: { epoch: number, unit: maybe(text) },
    means: "its host: the manager was stopped, by its host's clock, and through which unit of systemd",
    by: "leofs/manager/scripts/stop.sh",
  }),
  files: each("files", {
    done: { path: maybe(text) },
    means: "its host: its Mnesia files are backed up; without a path there were none",
    by: "leofs/incident/backups/fileBackup.ts",
  }),
  final: each("final", {
    done: { path: text, from: text },
    means: "its host: that backup was loaded, and the dump of its rows",
    by: "leofs/incident/backups/finalDump.ts",
  }),
  clear: each("clear", {
    begun: { directory: text, aside: text, backup: maybe(text) },
    done: { directory: text, aside: maybe(text) },
    means: "its host: its Mnesia directory was moved aside; an empty one is in its place",
    by: "leofs/incident/backups/clearDirectory.ts",
  }),
  partner: each("partner", {
    done: { change: text, original: text },
    means: "its host: its conf names the new partner",
    by: "leofs/pair/partner.ts",
  }),
  given: each("given", {
    done: { path: text },
    means: "the donor's host: its files, of that backup, are in the damaged node's directory",
    by: "leofs/incident/backups/restoreFiles.ts",
  }),
  restore: each("restore", {
    begun: { from: text, files: number },
    done: { evidence: texts },
    means: "its host: the donor's files are in its directory",
    by: "leofs/incident/backups/restoreFiles.ts",
  }),
  replica: each("replica", {
    begun: { serving: text },
    done: { evidence: texts },
    means: "both hosts: it is a replica of the serving manager's tables",
    by: "leofs/pair/replica.ts",
  }),
  unformed: eachRound("unformed", {
    begun: { directory: text, aside: text },
    done: { directory: text, aside: text },
    means: "its host: what it had of a pair that did not form was moved aside",
    by: "leofs/pair/formPair.ts",
  }),
  load: once("load", {
    begun: {
      file: text,
      schema: maybe(text),
      /** Tables that the pair did not have yet. */
      later: maybe(texts),
    },
    done: { file: text, schema: maybe(text), evidence: texts },
    means: "survivor's host: the dump is loaded into the pair, every row compared",
    by: "leofs/pair/importDump.ts",
  }),
  loadLater: once("load-later", {
    done: { file: text, schema: maybe(text) },
    means: "survivor's host: the tables that LeoFS made last are loaded too",
    by: "leofs/pair/importDump.ts",
  }),
  nodes: once("nodes", {
    /** `round`: which of its runs began, or ended; one that began last and did not end may have changed all of its nodes. */
    begun: { nodes: list<ListedNode>, round: maybe(number) },
    done: { nodes: list<ListedNode>, round: maybe(number) },
    means: "host of the manager with the data: nodes whose confs it sets out to change, and may have changed",
    by: "providers/nodes/nodeConfs.ts",
  }),
  managers: each("managers", {
    done: { change: text, original: text },
    means: "a storage or gateway node's host: its conf names the new pair",
    by: "leofs/nodes/changeManagers.ts",
  }),
  proven: once("proven", {
    done: { outageSeconds: number, evidence: texts },
    means: "both hosts: the pair was proven whole; the recovery is over",
    by: "providers/registration/registrationWork.ts",
  }),
  returned: each("returned", {
    done: { evidence: texts },
    means: "its host: a rollback put it back as it was",
    by: "leofs/pair/rollback/rollBack.ts",
  }),
  rollback: once("rollback", {
    begun: { successor: maybe(text) },
    done: { successor: maybe(text), outageSeconds: maybe(number), evidence: texts },
    means: "both hosts: the recovery of this incident is over, and (done) undone",
    by: "leofs/pair/rollback/rollBack.ts, leofs/incident/unfinished.ts",
  }),
};

export type EntryKind = keyof typeof entries;

/** What is read of the end of an entry of that kind. */
export type Done<K extends EntryKind> = (typeof entries)[K] extends { kind: { done: infer F extends Fields } }
  ? Read<F>
  : never;
