import { script } from "../../remote/script";
import type { IncidentPlace } from "../manager/lookedAt";

const CLEAR = script("leofs/incident/scripts/clear-work.sh");

/**
 * Removes what steps made to work with beside the backups, when nothing needs it any more. Each step removes its own; this is for what
 * was denied then, or was left by a run that ended.
 *
 * @returns what could not be removed, as next steps: it holds rows of users.
 */
export async function clearWork(places: readonly IncidentPlace[]): Promise<string[]> {
  const left = await Promise.all(
    places.map(async ({ host, directory, as }) => {
      const { stdout } = await host.run(CLEAR, { directory }, { as });
      const files = stdout.split("\n").filter(Boolean);
      return files.map(
        (file) =>
          `on ${host.label}: remove ${directory}/${file}, which could not be removed and may hold secret keys`,
      );
    }),
  );
  return left.flat();
}
