import { setTimeout as pause } from "node:timers/promises";
import { consoleCommand } from "../sandbox/console";
import type { Scene } from "./scene";

/** What a client of both consoles saw. Milliseconds of `performance.now()`. */
export interface Seen {
  /** When the manager with the data first failed to answer as it should; undefined: never. */
  firstFailed: number | undefined;
  /** When the last of the two began to answer as it should for good; undefined: one of them does not. */
  answersSince: number | undefined;
}

const EVERY_MS = 50;
const LIMIT_MS = 2_000;
/** How long both may take to answer as before once a way says that it is done. */
const SETTLE_MS = 120_000;

/**
 * A client that polls both consoles of the pair, each every 50 ms, for what a recovery must bring back: buckets, endpoints
 * and the ring; less often where an answer takes long.
 *
 * @returns ends it. `settle`: once both answer as they should, or after two minutes
 */
export function watch(scene: Scene): (settle: boolean) => Promise<Seen> {
  let on = true;
  let firstFailed: number | undefined;
  const since = new Map<string, number>();
  const wanted = [scene.before.buckets, scene.before.endpoints].map((rows) => rows.join());
  const poll = async (name: string) => {
    while (on) {
      const asked = performance.now();
      const good = await answersAsBefore(scene, name, wanted).catch(() => false);
      if (!good) {
        since.delete(name);
        if (name === scene.good) firstFailed ??= asked;
      } else if (!since.has(name)) since.set(name, asked);
      // A list that takes long, among many users, must not keep the manager from everything else.
      const took = performance.now() - asked;
      await pause(Math.max(EVERY_MS - took, 3 * took));
    }
  };
  const polling = Promise.all([scene.good, scene.other].map(poll));
  return async (settle) => {
    const asked = performance.now();
    while (settle && since.size < 2 && performance.now() - asked < SETTLE_MS) await pause(EVERY_MS);
    on = false;
    await polling;
    return { firstFailed, answersSince: since.size < 2 ? undefined : Math.max(...since.values()) };
  };
}

async function answersAsBefore(scene: Scene, name: string, wanted: readonly string[]): Promise<boolean> {
  const { nodeAddress, jsonPort } = scene.sandbox.manager(name);
  const ask = async (line: string) =>
    JSON.parse(await consoleCommand(nodeAddress, jsonPort, line, LIMIT_MS)) as Record<string, unknown>;
  const rows = (list: unknown) =>
    Array.isArray(list)
      ? list
          .map((row) => JSON.stringify(row))
          .sort()
          .join()
      : "";
  if (rows((await ask("get-buckets")).buckets) !== wanted[0]) return false;
  if (rows((await ask("get-endpoints")).endpoints) !== wanted[1]) return false;
  const { system_info: system } = (await ask("status")) as { system_info: { ring_hash_cur: number } };
  return (system.ring_hash_cur >>> 0).toString(16).padStart(8, "0") === scene.before.ring;
}
