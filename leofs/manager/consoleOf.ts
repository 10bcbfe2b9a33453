import { Console, type Status } from "../console/console";
import type { LookedAt } from "./site";

/** The console of a manager, from its own host. */
export const consoleOf = (site: LookedAt): Console =>
  new Console(site.host, {
    address: site.settings.consoleAddress,
    port: site.settings.consolePort,
    jsonPort: site.settings.jsonPort,
    adm: site.facts.tools.adm,
  });

/** A manager's ring hashes, current and previous; undefined before any storage node was started. */
export const ringOf = ({ systemInfo }: Status): [string, string] | undefined =>
  systemInfo.ring === "" ? undefined : [systemInfo.ring, systemInfo.previousRing];
