import { consoleCommand } from "../../sandbox/console";
import type { Sighting } from "./recording";

/** What the recordings' watcher would say of a `status` reply. */
function said(reply: string): string {
  if (reply.startsWith(" [System")) return "status answers with data";
  return `status -> b${reply.includes("'") ? '"' : "'"}${reply.replaceAll("\r\n", "\\r\\n")}${reply.includes("'") ? '"' : "'"}`;
}

/** Watches the consoles of managers that come up, like the recordings' own watcher; notes every change. */
export class Watcher {
  readonly seen: Sighting[] = [];
  private readonly begun = Date.now();
  private readonly last = new Map<string, string>();
  private ended = false;
  private readonly loops: Promise<void>[] = [];

  /** Watches one more manager. Nothing is noted before its console is open. */
  add(manager: string): void {
    if (!this.last.has(manager)) this.loops.push(this.watch(manager));
    this.last.set(manager, "");
  }

  private async watch(manager: string): Promise<void> {
    const port = 10010 + Number(manager.split("_")[1]);
    while (!this.ended) {
      const what = await consoleCommand("127.0.0.1", port, "status", 5_000).then(said, () => "refused");
      if (what !== this.last.get(manager) && !(what === "refused" && this.last.get(manager) === "")) {
        this.last.set(manager, what);
        this.seen.push({ seconds: (Date.now() - this.begun) / 1000, manager, what });
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** What was seen of one manager, in order. */
  of(manager: string): string[] {
    return this.seen.filter((one) => one.manager === manager).map((one) => one.what);
  }

  async end(): Promise<void> {
    this.ended = true;
    await Promise.all(this.loops);
  }
}

/** A recorded state that lasted shorter than this (seconds) may go by unseen. */
const brief = 0.5;

/** States that every manager may pass through on its way up, too short to be in every recording. */
const passing = [
  "status -> b'[ERROR] Mnesia is not available\\r\\n'",
  "status -> b'[ERROR] {aborted,{no_exists,leo_system_conf}}\\r\\n'",
  "status -> b'[ERROR] Could not get the system-config\\r\\n'",
  // The VM ended between the question and the reply.
  "status -> b''",
];

/** What must be seen of a manager, in order, and what may be: from the recorded sightings of it. */
export function expectations(
  sightings: readonly Sighting[],
  manager: string,
): { must: string[]; may: string[] } {
  const states = sightings
    .filter((one) => one.manager === manager && one.what.startsWith("status "))
    .map((one) => ({ ...one, what: one.what.replace(/^status -> ConnectionRefused.*$/, "refused") }));
  const must = states.filter(
    (one, at) => (states[at + 1]?.seconds ?? Number.POSITIVE_INFINITY) - one.seconds > brief,
  );
  return { must: must.map((one) => one.what), may: [...states.map((one) => one.what), ...passing] };
}
