import type { ManagerSettings } from "../conf/settings";
import type { Host } from "../host";
import type { ManagerSpec } from "../manager";
import type { HostFacts } from "./inspect";
import type { IncidentPlace } from "./journal";

/** A manager together with its host and what a look at it showed: what every step works on. */
export interface Site {
  host: Host;
  manager: ManagerSpec;
  /** User to run as when that is not the login user. */
  as: string | undefined;
  facts: HostFacts;
  /** What the manager runs with, or would start with: generated files first, then its conf. */
  settings: ManagerSettings;
  /** Directory of the backups and the journal of this incident on this host. */
  place: IncidentPlace;
}
