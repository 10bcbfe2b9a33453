import { type LockHolder, ofThisMachine } from "./lockOwner";

/** A lock that is not free, on one host. */
export interface LockedPlace {
  /** Label of the host. */
  host: string;
  /** The lock file: removing it breaks the lock. */
  path: string;
  /** Undefined when the lock file cannot be read. */
  holder: LockHolder | undefined;
  /** Milliseconds since the holder's last sign of life, by the host's clock. */
  ageMs: number;
  /** What a holder who is gone has left unfinished. Absent: the holder is not known to be gone. */
  unfinished?: string;
  /** It is of the same incident, and this is the directory that the settings name for that now, another one than its own. */
  named?: string | undefined;
}

/** What an operator is told who meets a lock: the evidence, and every file that would have to go, at once. */
export function lockedMessage(places: readonly [LockedPlace, ...LockedPlace[]]): string {
  // What was left unfinished says more than a lock, wherever it was found.
  const { host, path, holder, ageMs, unfinished, named } =
    places.find((place) => place.unfinished) ?? places[0];
  const removals = places.map((place) => `\`rm ${place.path}\` on ${place.host}`).join(" and ");
  const seconds = Math.round(ageMs / 1000);
  const age =
    seconds >= 0
      ? `last sign of life ${seconds} s ago`
      : `last sign of life ${-seconds} s ahead of that host's clock, which was set back`;
  if (!holder)
    return (
      `The lock ${path} on ${host} is held, but its file cannot be read (${age}). Look at it; ` +
      `if nobody works on this pair, break the lock with ${removals} and try again.`
    );
  const [cluster, name] = incidentOf(holder);
  // Under another name it would be another incident, of which no host knows anything.
  const asThen = cluster === "" ? "" : `under the name ${cluster} in the settings, as then, with `;
  if (unfinished !== undefined)
    return (
      `The incident ${name} was begun on this pair and is not over: ${unfinished}. Nobody works on it now (${holder.who}, ${age}). ` +
      (named === undefined
        ? ""
        : `The settings name another directory for it, ${named}, where nothing of that is known: set backupDirectory as it was. `) +
      `Finish it (${asThen}incident: ${name}, pulumi up) or undo it (the same with rollback: true). ` +
      `Only when neither is possible: ${removals} lets another incident begin; the backups of ${name} stay where they are.`
    );
  const here = ofThisMachine(holder);
  const process = here ? `process ${holder.pid} of this machine` : `process ${holder.pid}`;
  const stack = holder.stack ? `, stack ${holder.stack}` : "";
  const from = holder.from ? ` in ${holder.from}` : "";
  const ends = here
    ? " (it ends by itself within seconds once its pulumi is gone and what it began on the hosts is over)"
    : "";
  return (
    `Another recovery works on this pair: ${holder.who} (${process}${stack}${from}), incident ${holder.incident}, ` +
    `since ${holder.since}, ${age}. Wait for it${ends}. If it is certain that it is over, break its lock with ${removals} and try again.`
  );
}

/** A cluster and its incident as the settings name them: a lock names both. The first is empty where it names none. */
function incidentOf({ incident }: LockHolder): [cluster: string, incident: string] {
  const end = incident.indexOf("/");
  return [incident.slice(0, Math.max(end, 0)), incident.slice(end + 1)];
}
