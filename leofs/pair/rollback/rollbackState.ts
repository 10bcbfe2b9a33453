import { keptConf } from "../../conf/changeConf";
import { movedAside } from "../../incident/backups/clearDirectory";
import type { Before } from "../../incident/before";
import { entries } from "../../incident/entries";
import { decidedBefore, methodOf, phaseOf } from "../../incident/incident";
import type { Journal } from "../../incident/journal";
import type { Incident } from "../../incident/readIncident";
import type { Manager } from "../../manager/manager";
import { ifDown } from "../../manager/proven";
import { sawDown } from "../../manager/sawDown";
import { confOfPartner } from "../partner";
import { type Original, originalFiles } from "./returnFiles";

/** One manager of a recovery that is to be undone. */
export interface RollbackSide {
  manager: Manager;
  journal: Journal;
  before: Before;
  /** Its files from before; undefined when the recovery did not come to them. */
  original: Original | undefined;
  /** Its Mnesia directory was moved aside. */
  cleared: boolean;
  running: boolean;
  /** It is down, was started since the check, and its files note that the other one went down before it. */
  ranLast: boolean;
  /** Its files are to be replaced: they were cleared, or it was started although it was down before. */
  replaces: boolean;
  /** It must be down for what is to be undone. */
  stops: boolean;
  /** Undone by an earlier run already. */
  returned: boolean;
}

/** The manager whose data was the truth, and the other one. */
export interface RollbackSides {
  good: RollbackSide;
  other: RollbackSide;
  /** The incident was begun while the good one served: it goes on serving. */
  online: boolean;
}

/** Both, the one with the data last: it is the last to be stopped. */
export const sidesOf = ({ good, other }: RollbackSides): RollbackSide[] => [other, good];
export const nodeOf = (side: RollbackSide): string => side.manager.spec.node;

/** Looks at both managers of an incident; undefined when the incident was never begun on either host. */
export async function readSides(
  managers: readonly [Manager, Manager],
  incident: Incident,
): Promise<RollbackSides | undefined> {
  const journals = managers.map((manager) => incident.on(manager));
  if (phaseOf(journals) === "new") return undefined;
  const online = methodOf(journals) === "online";
  const [here, there] = managers;
  const good = decidedBefore(journals, [here.spec.node, there.spec.node])?.good ?? 0;
  const [one, two] = await Promise.all(
    managers.map((manager, index) =>
      readSide(manager, journals[index]!, managers[1 - index]!.spec.node, index === good),
    ),
  );
  const [first, second] = good === 0 ? [one!, two!] : [two!, one!];
  return { good: online ? { ...first, stops: false } : first, other: second, online };
}

/**
 * Whether the manager with the data serves before anything of the other one is put back: online, and in place where the other
 * one was given its files, runs, or ran last. Stopped by hand while that one ran, it waits for it, and would for ever once that
 * is stopped, or has its old files.
 */
export const servesBefore = ({ good, other, online }: RollbackSides): boolean =>
  online ||
  (good.before.running &&
    !good.replaces &&
    !other.returned &&
    (other.running || other.ranLast || entries.restore(nodeOf(other)).isBegun(other.journal)));

/** Looks at a side again, after it was changed. */
export const again = ({ manager }: RollbackSide): Promise<Manager> => manager.again();

async function readSide(
  manager: Manager,
  journal: Journal,
  beside: string,
  isGood: boolean,
): Promise<RollbackSide> {
  const { node } = manager.spec;
  // An incident begun by an earlier version has no such entry: then the manager with the data was the one that ran.
  const before: Before = entries.before(node).done(journal) ?? {
    running: isGood,
    mnesia: true,
    generated: true,
    followers: [],
  };
  const original = originalFiles(journal, node);
  const down = await ifDown(manager);
  const running = down === undefined;
  const saw = before.sawDown;
  const ranLast =
    down !== undefined &&
    saw !== undefined &&
    !saw.includes(beside) &&
    (await sawDown(down, beside)) === true;
  const kept = await keptConf(confOfPartner(manager));
  const returned = entries.returned(node).isDone(journal);
  const cleared = await movedAside(manager, journal);
  const replaces = !returned && original !== undefined && (cleared || !before.running);
  const conf = kept !== undefined && kept !== manager.facts.conf.bytes;
  const stops = running && !returned && (replaces || conf || !before.running);
  return { manager, journal, before, original, cleared, running, ranLast, replaces, stops, returned };
}
