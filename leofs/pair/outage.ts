import { script } from "../../remote/script";
import { readJournal } from "../incident/journal";
import { ROLLBACK_STEP } from "../incident/rolledBack";
import type { Site } from "../manager/site";

const CLOCK = script("leofs/pair/scripts/clock.sh");

/**
 * Seconds since this manager was stopped for the incident, by its host's own clock; 0 when it was not stopped.
 * Once the pair is proven, or put back as it was, the figure is kept, so that a later look does not count on.
 */
export async function outageSeconds(site: Site): Promise<number> {
  const { begun, done } = await readJournal(site.place);
  const kept = (done.get("proven") ?? done.get(ROLLBACK_STEP))?.outageSeconds;
  if (typeof kept === "number") return kept;
  const stopped = begun.get(`stop.${site.manager.node}`)?.epoch;
  if (typeof stopped !== "number") return 0;
  const { stdout } = await site.host.run(CLOCK);
  return Math.round((Number.parseFloat(stdout) - stopped) * 10) / 10;
}
