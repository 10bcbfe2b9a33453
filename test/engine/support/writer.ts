import { setTimeout } from "node:timers/promises";
import type { Sandbox } from "../../../sandbox";

/** What a client that wrote all the time saw. */
export interface Written {
  /** Users that are there by what the manager answered. */
  held: string[];
  /** Users that were there and were removed. */
  removed: string[];
  /** Access keys of all users that it made. */
  keys: string[];
  /** Answers that were no success, and commands that got none. */
  failed: string[];
  /** Longest time between two answers, in ms, and how many there were. */
  longestPauseMs: number;
  answers: number;
}

/**
 * Creates users through a manager's console, and removes every other one, as fast as it answers, until told to stop.
 *
 * @param restMs milliseconds between an answer and the next command. Default none.
 */
export function writeAsFast(
  sandbox: Sandbox,
  manager: string,
  prefix: string,
  restMs = 0,
): () => Promise<Written> {
  const seen: Written = { held: [], removed: [], keys: [], failed: [], longestPauseMs: 0, answers: 0 };
  let on = true;
  let last = performance.now();
  const ask = async (command: string, success: string) => {
    if (restMs > 0) await setTimeout(restMs);
    const answer = await sandbox.console(manager, command).catch((error: Error) => error.message);
    const now = performance.now();
    seen.longestPauseMs = Math.max(seen.longestPauseMs, now - last);
    last = now;
    seen.answers += 1;
    const [, key] = /access-key-id: (\S+)/.exec(answer) ?? [];
    if (key) seen.keys.push(key);
    const done = answer.includes(success);
    if (!done) seen.failed.push(`${command}: ${answer.trim()}`);
    return done;
  };
  const writing = (async () => {
    for (let n = 0; on; n += 1) {
      if (await ask(`create-user ${prefix}${n}`, "secret-access-key")) seen.held.push(`${prefix}${n}`);
      if (n % 2 === 0 || seen.held.length < 5) continue;
      const user = seen.held.shift()!;
      if (await ask(`delete-user ${user}`, "OK")) seen.removed.push(user);
    }
  })();
  return async () => {
    on = false;
    await writing;
    return seen;
  };
}
