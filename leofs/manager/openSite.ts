import type { Host } from "../../remote/host";
import type { ManagerSpec } from "../names";
import { lookAtHost } from "./look";
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
  // Without the home its run-as user is not known either, and a guess would be the error instead of the home.
  const as = facts.home.script && facts.runAs !== facts.user ? facts.runAs : undefined;
  return {
    host,
    manager,
    as,
    facts,
    settings: readSettings(manager, facts),
    place: { host, directory: incidentDirectory, as },
  };
}
