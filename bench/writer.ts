import { setTimeout as pause } from "node:timers/promises";
import { consoleCommand } from "../sandbox/console";
import type { Scene } from "./scene";

/** What a client that writes all the time saw. */
export interface Written {
  failed: number;
  /** Seconds. */
  longestPause: number;
}

const EVERY_MS = 50;

/** Creates a user every 50 ms through the manager with the data, until told to stop. */
export function write(scene: Scene): () => Promise<Written> {
  const { nodeAddress, consolePort } = scene.sandbox.manager(scene.good);
  const seen: Written = { failed: 0, longestPause: 0 };
  let on = true;
  const writing = (async () => {
    for (let number = 0; on; number += 1) {
      const asked = performance.now();
      const answer = await consoleCommand(nodeAddress, consolePort, `create-user bench${number}`).catch(
        () => "",
      );
      if (!answer.includes("secret-access-key")) seen.failed += 1;
      seen.longestPause = Math.max(seen.longestPause, (performance.now() - asked) / 1000);
      await pause(EVERY_MS);
    }
  })();
  return async () => {
    on = false;
    await writing;
    return seen;
  };
}
