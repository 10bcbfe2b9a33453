import { createAgent } from "ssh2";

/** How many keys an SSH agent holds; undefined when nothing answers at its socket. */
export function keysOfAgent(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    createAgent(socketPath).getIdentities((error, keys) => resolve(error ? undefined : (keys?.length ?? 0)));
  });
}
