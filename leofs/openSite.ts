import type { Host } from "./host";
import { lookAtHost } from "./inspect";
import type { ManagerSpec } from "./manager";
import { readSettings } from "./settings";
import type { Site } from "./site";

/**
 * Looks at a manager on its host, read-only, and gathers what every step needs.
 *
 * @param incidentDirectory where this incident keeps backups and journal on that host; need not exist yet
 * @throws when the host cannot be reached.
 */
export async function openSite(host: Host, manager: ManagerSpec, incidentDirectory: string): Promise<Site> {
  const facts = await lookAtHost(host, manager);
  const as = facts.runAs === facts.user ? undefined : facts.runAs;
  return {
    host,
    manager,
    as,
    facts,
    settings: readSettings(manager, facts),
    place: { host, directory: incidentDirectory, as },
  };
}
