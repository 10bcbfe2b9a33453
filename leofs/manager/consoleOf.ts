import { Console, type Status } from "../console/console";
import type { LookedAt } from "./lookedAt";

/** The console of a manager, from its own host. */
export const consoleOf = (manager: LookedAt): Console =>
  new Console(manager.host, {
    address: manager.settings.consoleAddress,
    port: manager.settings.consolePort,
    jsonPort: manager.settings.jsonPort,
    adm: manager.facts.tools.adm,
  });

/** A manager's ring hashes, current and previous; undefined before any storage node was started. */
export const ringOf = ({ ring, previousRing }: Status): [string, string] | undefined =>
  ring === "" ? undefined : [ring, previousRing];
