import { pidsOf, type Rows } from "../../../test/engine/support/clusterFacts";
import { type Written, writeAsFast } from "../../../test/engine/support/writer";
import { type Broken, failed, lost } from "./broken";
import type { FaultHosts } from "./faultHosts";

/** Users of the watching client begin with it. */
const PREFIX = "watching";
/** Milliseconds between an answer and the next command: the machine is for the recovery. */
const REST_MS = 20;

/** What a client of the serving manager saw during a whole case. */
export interface Watched extends Written {
  /** Process ids of the serving manager, at the beginning and at the end. */
  pids: readonly [number[], number[]];
}

/** A client that makes and removes users through the good manager, which serves, until it is told to stop. */
export async function watchServing(hosts: FaultHosts): Promise<() => Promise<Watched>> {
  const { sandbox, parts } = hosts;
  const pids = await pidsOf(sandbox, parts.good);
  const stop = writeAsFast(sandbox, parts.good, PREFIX, REST_MS);
  return async () => ({ ...(await stop()), pids: [pids, await pidsOf(sandbox, parts.good)] });
}

/** Moments at which the serving manager did not serve. */
export function stoppedServing({ failed: unanswered, pids: [before, after] }: Watched): Broken[] {
  return [
    ...(unanswered.length > 0
      ? [
          failed(
            `the serving manager stopped answering: ${unanswered.length} commands, such as ${unanswered[0]}`,
          ),
        ]
      : []),
    ...(before.join() === after.join()
      ? []
      : [failed(`the serving manager was process ${before.join()} and is ${after.join() || "down"}`)]),
  ];
}

/** Rows that were there before the watching client came. */
export function withoutWatched(rows: Rows, { keys }: Watched): Rows {
  const known = new Set(keys);
  const isClients = (row: string) =>
    row.includes(`"${PREFIX}`) || [...row.matchAll(/<<"(\w{20})">>/g)].some(([, key]) => known.has(key!));
  return Object.fromEntries(
    Object.entries(rows).map(([table, some]) => [table, some.filter((row) => !isClients(row))]),
  );
}

/** What of the watching client's users a manager does not have, or has although they were removed. */
export function missingOfWatched(name: string, rows: Rows, { held, removed }: Watched): Broken[] {
  const there = new Set(
    (rows.leo_s3_user_credential ?? []).map((row) => new RegExp(`"(${PREFIX}\\d+)"`).exec(row)?.[1]),
  );
  const gone = held.filter((user) => !there.has(user));
  const back = removed.filter((user) => there.has(user));
  return [
    ...(gone.length > 0
      ? [lost(`${name} lacks ${gone.length} users made meanwhile, such as ${gone[0]}`)]
      : []),
    ...(back.length > 0
      ? [failed(`${name} has ${back.length} removed users again, such as ${back[0]}`)]
      : []),
  ];
}
