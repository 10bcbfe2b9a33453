/** What Pulumi's provider host loads, by the constant text that every resource carries (see `resource.ts`). */
import { endWithEngine } from "./endWithEngine";
import { providersOf } from "./resources";
import { Session } from "./session/session";

const session = new Session();

export const {
  recoveryCheck,
  mnesiaBackup,
  managerPartnerConfig,
  mnesiaImport,
  managerRegistration,
  recoveryRollback,
} = providersOf(session);

endWithEngine(session);
