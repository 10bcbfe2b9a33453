import type { Host } from "../../remote/host";
import type { AskOptions } from "../erlang/ask";
import type { Expressions } from "../erlang/expressions";
import type { Term } from "../erlang/terms";
import type { Dump } from "../mnesia/dump";
import type { SchemaFile } from "../mnesia/schemaFile";
import type { ManagerSpec } from "../names";
import { ask, probe, type Reach, reachedFrom } from "./ask";
import { consoleOf } from "./consoleOf";
import { startProven, stopProven } from "./control";
import type { DirectoryFacts } from "./directory";
import { type DumpRead, type ReadHow, readDumpFile, writeDumpPart, writeRows } from "./dumpOnHost";
import { askEvidence, type ManagerEvidence } from "./evidence";
import { lookAtHost } from "./look";
import { Looked, type LookedAt } from "./lookedAt";
import type { Asked, Manager, ManagerConsole, Stopped } from "./manager";
import { examineMnesia, type MnesiaHealth } from "./mnesiaHealth";
import type { Noting } from "./noting";
import { findProcesses, findStart } from "./processes";
import { askSchemaName, readSchemaIn } from "./schemaName";
import { readSettings } from "./settings";

/** A manager on a host: asked and looked at by scripts that run there. */
export class HostManager extends Looked implements Manager {
  again(): Promise<Manager> {
    return managerOn(this.host, this.spec, this.place.directory);
  }
  runs(): Promise<boolean> {
    return findProcesses(this);
  }
  starts(): Promise<boolean> {
    return findStart(this);
  }
  stop(noting: Noting): Promise<Stopped> {
    return stopProven(this, noting);
  }
  start(partner?: string): Promise<void> {
    return startProven(this, partner);
  }
  ask(question: Expressions, values?: Readonly<Record<string, Term>>, options?: AskOptions): Promise<Term> {
    return ask(this, question, values, options);
  }
  peer(node: string): Asked {
    const { host, spec, as, facts, settings, place } = this;
    return new HostManager({ host, spec: { ...spec, node }, as, facts, settings, place });
  }
  evidence(): Promise<ManagerEvidence> {
    return askEvidence(this);
  }
  probe(node: string): Promise<Reach> {
    return probe(this, node);
  }
  reachedFrom(askers: readonly string[], node: string): Promise<Reach> {
    return reachedFrom(this, askers, node);
  }
  get console(): ManagerConsole {
    return consoleOf(this);
  }
  schemaName(): Promise<string | undefined> {
    return askSchemaName(this);
  }
  schemaIn(directory: string): Promise<SchemaFile> {
    return readSchemaIn(this, directory);
  }
  examine(listing: DirectoryFacts): Promise<MnesiaHealth> {
    return examineMnesia(this.host, listing, this.as);
  }
  writeRows(file: string, rows: number | undefined): Promise<void> {
    return writeRows(this, file, rows);
  }
  readDump(file: string, how?: ReadHow): Promise<DumpRead> {
    return readDumpFile(this, file, how);
  }

  writePart(file: string, some: Dump, part: string): Promise<void> {
    return writeDumpPart(this, file, some, part);
  }
}

/**
 * Looks at a manager on its host, read-only, and gathers what every step needs.
 *
 * @param incidentDirectory where this incident keeps backups and journal on that host; need not exist yet
 * @throws when the host cannot be reached.
 */
export async function managerOn(
  host: Host,
  manager: ManagerSpec,
  incidentDirectory: string,
): Promise<Manager> {
  return new HostManager(await lookAtManager(host, manager, incidentDirectory));
}

/** The data of such a look. */
export async function lookAtManager(
  host: Host,
  manager: ManagerSpec,
  incidentDirectory: string,
): Promise<LookedAt> {
  const facts = await lookAtHost(host, manager);
  // Without the home its run-as user is not known either, and a guess would be the error instead of the home.
  const as = facts.home.script && facts.runAs !== facts.user ? facts.runAs : undefined;
  return {
    host,
    spec: manager,
    as,
    facts,
    settings: readSettings(manager, facts),
    place: { host, directory: incidentDirectory, as },
  };
}
