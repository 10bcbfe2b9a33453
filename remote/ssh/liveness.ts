import type { Client } from "ssh2";

const EVERY_MS = 15_000;
const MISSES = 2;

/**
 * Ends a connection whose server has stopped answering, so that its users get an error instead of silence.
 * ssh2's own keep-alive is not used: its timer would keep an idle process from ending.
 */
export function watchLiveness(client: Client): void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered >= MISSES) {
      client.destroy();
      return;
    }
    unanswered += 1;
    try {
      // Any request that the server must answer will do; this one undoes a forwarding that never was.
      client.unforwardIn("127.0.0.1", 1, () => {
        unanswered = 0;
      });
    } catch {
      client.destroy();
    }
  }, EVERY_MS);
  timer.unref();
  client.once("close", () => clearInterval(timer));
}
