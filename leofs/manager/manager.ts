import type { Console } from "../console/console";
import type { AskOptions } from "../erlang/ask";
import type { Expressions } from "../erlang/expressions";
import type { Term } from "../erlang/terms";
import type { Dump } from "../mnesia/dump";
import type { SchemaFile } from "../mnesia/schemaFile";
import type { Reach } from "./ask";
import type { DirectoryFacts } from "./directory";
import type { DumpRead, ReadHow } from "./dumpOnHost";
import type { ManagerEvidence } from "./evidence";
import type { LookedAt } from "./lookedAt";
import type { MnesiaHealth } from "./mnesiaHealth";
import type { Noting } from "./noting";

/** What a manager's console tells and does. */
export type ManagerConsole = Pick<Console, "status" | "users" | "buckets" | "endpoints" | "updateManagers">;

declare const proven: unique symbol;

/**
 * A manager that was seen to be down: what changes its files, or relies on nobody else doing so, takes this. It is made by
 * `stop`, `stopped`, `ifDown` and `downWhenLookedAt` alone. Whoever starts it by hand meanwhile is not seen.
 */
export interface Stopped extends Manager {
  readonly [proven]: "stopped";
  /** Examines its Mnesia files, structure and terms. While it runs they are open. */
  examine(listing: DirectoryFacts): Promise<MnesiaHealth>;
}

/** What can be asked of a running manager, from whichever host. */
export type Asked = Pick<Manager, "ask" | "evidence">;

/**
 * A manager on its host: what a look showed of it, and all that can be asked of it, at the level of meaning. `HostManager`
 * does it by scripts and questions; a model answers by itself.
 */
export interface Manager extends LookedAt {
  /** Looks at it once more, after it was changed. */
  again(): Promise<Manager>;
  /** Whether its VM is in its host's process table. `ifDown` makes a proof of the answer. */
  runs(): Promise<boolean>;
  /** Whether a start of it is under way: it has no VM yet, and another start would be a second one beside it. */
  starts(): Promise<boolean>;
  /** Stops it; one that is down stays so. What it was stopped for is noted on its host before. Throws when it does not stop. */
  stop(noting: Noting): Promise<Stopped>;
  /** Starts it, or finds it running. Throws when it does not start. @param partner with whom; default: not looked at */
  start(partner?: string): Promise<void>;
  /** Asks it a question. Throws NodeUnreachable when it does not answer, and says why. */
  ask(question: Expressions, values?: Readonly<Record<string, Term>>, options?: AskOptions): Promise<Term>;
  /** Another manager of its cluster, asked from its host. */
  peer(node: string): Asked;
  /** All that proves its state, and who its nodes follow, by its own word. Throws NodeUnreachable when it does not answer. */
  evidence(): Promise<ManagerEvidence>;
  /** Whether another node answers over Erlang distribution, asked from its host. Read-only, at most 4 s. */
  probe(node: string): Promise<Reach>;
  /** The same, asked from the first of these storage and gateway nodes that answers. */
  reachedFrom(askers: readonly string[], node: string): Promise<Reach>;
  readonly console: ManagerConsole;
  /** Mnesia's name for its tables, as it knows it; undefined when it does not answer, or runs without Mnesia. */
  schemaName(): Promise<string | undefined>;
  /** What the schema file of a Mnesia directory on its host says; `damage` when there is none. */
  schemaIn(directory: string): Promise<SchemaFile>;
  /**
   * Has it write all its rows into a file on its host that is there and empty, to be looked at only: what is backed up while it
   * runs is what LeoFS's own command writes (`takeDump`). Throws NodeUnreachable when it does not answer.
   *
   * @param rows how many it holds: more may take longer
   */
  writeRows(file: string, rows: number | undefined): Promise<void>;
  /**
   * Reads a text dump on its host, where its rows stay. With `proof` each of them is looked at as well. Throws DumpError when
   * it is not whole.
   */
  readDump(file: string, how?: ReadHow): Promise<DumpRead>;
  /** Writes some tables of a text dump on its host into another file there. */
  writePart(file: string, some: Dump, part: string): Promise<void>;
}
