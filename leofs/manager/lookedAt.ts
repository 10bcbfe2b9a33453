import type { Host } from "../../remote/host";
import type { ManagerSpec } from "../names";
import type { HostFacts } from "./look";
import type { ManagerSettings } from "./settings";

/** Where one incident keeps its backups and its journal on one host. */
export interface IncidentPlace {
  host: Host;
  /** `<backupDirectory>/<cluster>-<incident>`, mode 0700. */
  directory: string;
  as: string | undefined;
}

/** What a look at a manager on its host showed: what every step works on. */
export interface LookedAt {
  readonly host: Host;
  readonly spec: ManagerSpec;
  /** User to run as when that is not the login user. */
  readonly as: string | undefined;
  readonly facts: HostFacts;
  /** What the manager runs with, or would start with: generated files first, then its conf. */
  readonly settings: ManagerSettings;
  /** Directory of the backups and the journal of this incident on this host. */
  readonly place: IncidentPlace;
}

/** Holds what a look showed: what every kind of manager is made from. */
export class Looked implements LookedAt {
  readonly host: LookedAt["host"];
  readonly spec: LookedAt["spec"];
  readonly as: LookedAt["as"];
  readonly facts: LookedAt["facts"];
  readonly settings: LookedAt["settings"];
  readonly place: LookedAt["place"];

  constructor({ host, spec, as, facts, settings, place }: LookedAt) {
    this.host = host;
    this.spec = spec;
    this.as = as;
    this.facts = facts;
    this.settings = settings;
    this.place = place;
  }
}

/** The directory that a manager's conf in effect is in. */
export const etcOf = ({ conf }: Pick<HostFacts, "conf">): string => conf.path.replace(/\/[^/]*$/, "");
