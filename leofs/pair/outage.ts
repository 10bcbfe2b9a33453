import { script } from "../../remote/script";
import { entries } from "../incident/entries";
import type { Noted } from "../incident/journal";
import type { Manager } from "../manager/manager";

const CLOCK = script("leofs/pair/scripts/clock.sh");

/**
 * Seconds since this manager was stopped for the incident, by its host's own clock, never fewer than 0; 0 when it was not stopped.
 * Once the pair is proven, or put back as it was, the figure is kept, so that a later look does not count on.
 */
export async function outageSeconds(manager: Manager, journal: Noted): Promise<number> {
  const kept = (entries.proven.done(journal) ?? entries.rollback.done(journal))?.outageSeconds;
  if (kept !== undefined) return kept;
  const stopped = entries.stop(manager.spec.node).begun(journal)?.epoch;
  if (stopped === undefined) return 0;
  const { stdout } = await manager.host.run(CLOCK);
  const seconds = Number.parseFloat(stdout) - stopped;
  return Math.round((seconds >= 0 ? seconds : sinceBackedUp(manager, journal)) * 10) / 10;
}

/** Where the host's clock was set back meanwhile: by ours, seconds since its files were backed up, right after its stop. */
function sinceBackedUp({ host, spec }: Manager, journal: Noted): number {
  const at = Date.parse(entries.files(spec.node).done(journal)?.at ?? "");
  return Number.isNaN(at) ? 0 : Math.max(0, (Date.parse(host.clock.stamp()) - at) / 1000);
}

/** Which documented procedure stops both managers. */
export type Offline = "takeover" | "inPlace";

/** Seconds of an outage whatever the size, on a real LeoFS 1.4.4: it stops, starts and makes its tables. */
const FLOOR_SECONDS: Record<Offline, number> = { takeover: 14, inPlace: 10 };
/** Rows that are backed up, loaded and compared in a second: 200,000 users (600,000 rows) made a takeover 93 s longer there. */
const ROWS_A_SECOND = 6_000;

/** How long an outage is going to be, and what it depends on. `rows` undefined: nobody can be asked now. */
export function expectedOutage(kind: Offline, rows: number | undefined): string {
  const floor = FLOOR_SECONDS[kind];
  const parts = `${floor} s to stop and start, 1 s for every ${ROWS_A_SECOND} rows`;
  if (rows === undefined)
    return `the outage lasts ${floor} s and more: ${parts} (how many there are is not known now)`;
  const seconds = Math.ceil(floor + rows / ROWS_A_SECOND);
  return `the outage lasts about ${seconds} s: ${parts} (there are ${rows}); longer on a busy host`;
}
