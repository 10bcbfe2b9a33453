import { type Host, hasKind } from "../../remote/host";
import type { NodeUnreachable } from "../erlang/noAnswer";
import { type Journal, readJournal } from "../incident/journal";
import { type DirectoryFacts, listDirectory } from "../manager/directory";
import type { ManagerEvidence } from "../manager/evidence";
import type { Manager } from "../manager/manager";
import type { MnesiaHealth } from "../manager/mnesiaHealth";
import { downWhenLookedAt } from "../manager/proven";
import { askOrWhy } from "../manager/ready";
import { lookAtPlaces, type Places } from "./places";

/** What shows whether a manager serves, and what its files are worth. */
export interface ManagerState {
  manager: Manager;
  evidence: ManagerEvidence | undefined;
  /** Why it did not answer although it runs; undefined when it did, or does not run. */
  silence?: NodeUnreachable | undefined;
  mnesia: DirectoryFacts;
  /** What its Mnesia files are worth; undefined while it runs (they are open then). */
  health: MnesiaHealth | undefined;
}

/** All that a read-only look shows of one manager: enough to judge whether a recovery may start. */
export interface ManagerView extends ManagerState {
  /** What later steps need of its host. */
  places: Places;
  journal: Journal;
  /** The SSH server forwards no connections to the consoles: they are asked through `leofs-adm`. */
  forwardingOff: boolean;
  /** Why the client that the service steps go through would not log in; undefined when it would, or was not tried. */
  serviceLogin?: string | undefined;
}

/**
 * Looks at what a manager is and does, without changing anything.
 *
 * @throws when its host cannot be reached.
 */
export async function lookAtState(manager: Manager): Promise<ManagerState> {
  const { host, as, facts, settings } = manager;
  const [told, mnesia] = await Promise.all([
    facts.beams.length > 0 && facts.tools.erlang ? askOrWhy(manager) : undefined,
    listDirectory(host, settings.mnesiaDirectory, as),
  ]);
  const down = mnesia.readable && mnesia.link === undefined ? downWhenLookedAt(manager) : undefined;
  const health = await down?.examine(mnesia);
  const evidence = told && "evidence" in told ? told.evidence : undefined;
  const silence = told && "silence" in told ? told.silence : undefined;
  return { manager, evidence, silence, mnesia, health };
}

/**
 * Looks at a manager from every side without changing anything.
 *
 * @throws when its host cannot be reached.
 */
export async function viewManager(
  manager: Manager,
  backupDirectory: string,
  incident: string,
): Promise<ManagerView> {
  const { host, settings, place } = manager;
  const ports = [settings.consolePort, settings.jsonPort];
  const [state, doors, places, journal] = await Promise.all([
    lookAtState(manager),
    Promise.all(ports.map((port) => knock(host, settings.consoleAddress, port))),
    lookAtPlaces(manager, backupDirectory, incident),
    readJournal(place),
  ]);
  return { ...state, places, journal, forwardingOff: doors.includes("no way") };
}

/** Whether something listens there; `no way`: the SSH server forwards no connections, so it cannot be told. */
async function knock(host: Host, address: string, port: number): Promise<"open" | "closed" | "no way"> {
  try {
    (await host.dial(address, port, 3_000)).destroy();
    return "open";
  } catch (error) {
    return hasKind(error, "forwarding") ? "no way" : "closed";
  }
}

/** Files of a Mnesia directory that hold data: an empty directory has none. */
export const dataFiles = (view: Pick<ManagerView, "mnesia">): DirectoryFacts["files"] =>
  view.mnesia.files.filter((file) => file.kind === "f");
